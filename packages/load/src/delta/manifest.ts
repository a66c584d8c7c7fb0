/**
 * What a batch is about to commit, sealed before the commit: our ledger entry without its number, and what the Delta log
 * is told beside it. With its transactions in the log it is an entry; without them recovery commits it or drops it.
 */
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { stringifyJson, TidegateError, type EntryDraft, type LedgerEntry, type LedgerPart } from '@tidegate/core'
import { isAbsent } from '../durable.ts'
import { corrupt, parseEntry } from '../parse-entry.ts'
import { isFields } from './actions.ts'
import type { DeltaField } from './delta-type.ts'
import { BATCHES, manifestPath, TEMP } from './layout.ts'
import { putIfAbsent } from './put-if-absent.ts'

/** A staged part with what its `add` action will say. */
export interface DeltaPart extends LedgerPart {
  readonly delta: DeltaPartFacts
}

export interface DeltaPartFacts {
  readonly partitionValues: Readonly<Record<string, string | null>>
  readonly stats: string
  /** Columns of the part, those by which the table is partitioned included, as the table has them or shall get them. */
  readonly fields: readonly DeltaField[]
  readonly partitionColumns: readonly string[]
}

export interface ManifestPart extends LedgerPart {
  readonly delta: Pick<DeltaPartFacts, 'partitionValues' | 'stats'>
}

export interface Manifest {
  /** `seq` is 0. */
  readonly entry: Omit<LedgerEntry, 'add'> & { readonly add: readonly ManifestPart[] }
  readonly fields: readonly DeltaField[]
  readonly partitionColumns: readonly string[]
  readonly refuseDuplicateContent: boolean
}

/**
 * The manifest of a draft. Pure.
 *
 * @throws LEDGER_PATH for parts that did not come from this destination, DELTA_SCHEMA where they contradict each other
 */
export function manifestOf(draft: EntryDraft): Manifest {
  const add = draft.add.map((part) => {
    if (isDeltaPart(part)) return part
    throw new TidegateError('LEDGER_PATH', `The part ${part.visible} does not say what the Delta log needs.`, {
      hint: 'Commit parts just as stageRows and its siblings returned them.',
      dataNow: 'Nothing was committed.',
    })
  })
  const { batch, attempt, run, source, dataset } = draft.batch
  const { fence, committedAt, files, remove, rejected, consumes, schema, watermark, replays, superseded, mode } = draft
  return {
    entry: {
      format: 1,
      seq: 0,
      batch,
      run,
      attempt,
      fence,
      source,
      dataset,
      committedAt,
      files,
      add: add.map(({ delta: { partitionValues, stats }, ...part }) => ({
        ...part,
        delta: { partitionValues, stats },
      })),
      remove,
      rejected,
      consumes,
      schema,
      ...(watermark === undefined ? {} : { watermark }),
      ...(replays === undefined ? {} : { replays }),
      ...(superseded === undefined || superseded.length === 0 ? {} : { superseded }),
      ...(mode === undefined || mode === 'append' ? {} : { mode }),
    },
    fields: unionOf(add),
    partitionColumns: add[0]?.delta.partitionColumns ?? [],
    refuseDuplicateContent: draft.refuseDuplicateContent,
  }
}

/** The draft that a sealed manifest stands for. */
export function draftOfManifest({ entry, refuseDuplicateContent }: Manifest): EntryDraft {
  const { batch, attempt, run, source, dataset, seq: _, format: __, ...rest } = entry
  return { ...rest, batch: { batch, attempt, run, source, dataset }, refuseDuplicateContent }
}

/** Writes the manifest. False if the batch has one already. */
export function sealManifest(directory: string, manifest: Manifest): Promise<boolean> {
  const { entry, ...delta } = manifest
  const text = `${stringifyJson({ ...entry, delta })}\n`
  return putIfAbsent(join(directory, BATCHES), `${entry.batch}.json`, text, join(directory, TEMP))
}

/** The manifest of a batch, or undefined. @throws LEDGER_CORRUPT, LEDGER_NEWER */
export async function readManifest(directory: string, batch: string): Promise<Manifest | undefined> {
  const file = join(directory, manifestPath(batch))
  try {
    const manifest = parseManifest(await readFile(file, 'utf8'), file)
    if (manifest.entry.batch !== batch) throw corrupt(file, `it is of batch ${manifest.entry.batch}`)
    return manifest
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}

/** Whether two manifests of a batch come from the same attempt, whose staged paths nobody else has. */
export function isSameAttempt(one: Manifest, other: Manifest): boolean {
  return namesOf(one.entry) === namesOf(other.entry)
}

/** Batches that have a manifest. */
export async function sealedBatches(directory: string): Promise<readonly string[]> {
  try {
    const names = await readdir(join(directory, BATCHES))
    return names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length))
  } catch (error) {
    if (isAbsent(error)) return []
    throw error
  }
}

/** Reads the text of a manifest. @throws LEDGER_CORRUPT, LEDGER_NEWER */
export function parseManifest(text: string, file: string): Manifest {
  const entry = parseEntry(text, file, 0)
  const delta = 'delta' in entry ? entry.delta : undefined
  const isWhole =
    isFields(delta) &&
    Array.isArray(delta['fields']) &&
    Array.isArray(delta['partitionColumns']) &&
    entry.add.every((part) => 'delta' in part && isFields(part.delta) && typeof part.delta['stats'] === 'string')
  if (!isWhole) throw corrupt(file, 'it does not say what the Delta log is to be told')
  const { delta: _, ...rest } = entry as unknown as Manifest['entry'] & { readonly delta: unknown }
  return { ...(delta as unknown as Omit<Manifest, 'entry'>), entry: rest }
}

function namesOf({ attempt, add, rejected }: Manifest['entry']): string {
  return [String(attempt), ...add.map((part) => part.staged), ...rejected.map((part) => part.staged)].join('\n')
}

function unionOf(parts: readonly DeltaPart[]): readonly DeltaField[] {
  const fields = new Map<string, DeltaField>()
  for (const { delta } of parts) {
    for (const field of delta.fields) {
      const known = fields.get(field.name.toLowerCase())
      if (known !== undefined && JSON.stringify(known.type) !== JSON.stringify(field.type)) {
        throw new TidegateError('DELTA_SCHEMA', `Column ${field.name} has two types in one batch.`, {
          hint: 'Stage the parts of a batch in one attempt.',
          dataNow: 'Nothing was committed.',
        })
      }
      if (known === undefined) fields.set(field.name.toLowerCase(), field)
    }
  }
  return [...fields.values()]
}

function isDeltaPart(part: LedgerPart): part is DeltaPart {
  return 'delta' in part && isFields(part.delta)
}
