import { readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'

import { codeOf, TidegateError } from '@tidegate/core'
import { localStore } from '@tidegate/storage'

export interface DeltaFacts {
  readonly schemaString: string
  readonly partitionColumns: readonly string[]
  /** What the log says of the file itself. */
  readonly file: DeltaFile | undefined
}

export interface DeltaFile {
  readonly sizeBytes: number | undefined
  readonly rows: number | undefined
  /** By column name, nested for structs; as in the log. */
  readonly minValues: unknown
  readonly maxValues: unknown
}

export type DeltaOutcome =
  | { readonly kind: 'facts'; readonly facts: DeltaFacts }
  /** One clause, for people. */
  | { readonly kind: 'refused'; readonly because: string }

/** Commits of a log that are read, newest first, and bytes of one. */
const MAX_COMMITS = 2000
const MAX_COMMIT_BYTES = 64 * 1024 * 1024

/**
 * Reads `_delta_log/*.json` of a table: its latest schema, and the latest `add` of `filePath` if one is given. Checkpoints are
 * Parquet files and are not read, so a log whose schema is only in a checkpoint is refused. Never throws because of the content.
 */
export async function readDeltaLog(table: string, filePath?: string): Promise<DeltaOutcome> {
  const folder = join(table, '_delta_log')
  let names: string[]
  try {
    names = await readdir(folder)
  } catch (error) {
    return { kind: 'refused', because: `its _delta_log cannot be listed (${codeOf(error) ?? 'unknown error'})` }
  }
  const commits = names.filter((name) => /^\d{20}\.json$/.test(name)).toSorted()
  const wanted = filePath === undefined ? undefined : relative(table, filePath).split(sep).join('/')
  let metaData: Readonly<Record<string, unknown>> | undefined
  let file: DeltaFile | undefined
  for (const name of commits.toReversed().slice(0, MAX_COMMITS)) {
    for (const action of (await actionsOf(join(folder, name))).toReversed()) {
      metaData ??= objectIn(action, 'metaData')
      const add = objectIn(action, 'add')
      if (file === undefined && wanted !== undefined && add !== undefined && pathOf(add) === wanted) file = toFile(add)
    }
    if (metaData !== undefined && (file !== undefined || wanted === undefined)) break
  }
  const schemaString = metaData?.['schemaString']
  if (typeof schemaString === 'string')
    return { kind: 'facts', facts: { schemaString, partitionColumns: textsIn(metaData, 'partitionColumns'), file } }
  const hasCheckpoint = names.some((name) => name.includes('.checkpoint.'))
  return {
    kind: 'refused',
    because: hasCheckpoint
      ? 'its schema is only in a checkpoint, and checkpoints are not read'
      : 'its log has no metaData action',
  }
}

async function actionsOf(path: string): Promise<readonly object[]> {
  try {
    // Refuses what is no file: a pipe would never end.
    const source = await localStore().open(path)
    try {
      if (source.sizeBytes > MAX_COMMIT_BYTES) return []
      const bytes = await source.read(0, source.sizeBytes)
      return Buffer.from(bytes).toString('utf8').split('\n').flatMap(parseAction)
    } finally {
      await source.close()
    }
  } catch (error) {
    // A commit that cannot be read hides what it says, not what the others say.
    if (error instanceof TidegateError || codeOf(error) !== undefined) return []
    throw error
  }
}

function parseAction(line: string): readonly object[] {
  if (line.trim() === '') return []
  try {
    const action: unknown = JSON.parse(line)
    return typeof action === 'object' && action !== null ? [action] : []
  } catch {
    return []
  }
}

function objectIn(from: object, key: string): Readonly<Record<string, unknown>> | undefined {
  const value: unknown = Object.hasOwn(from, key) ? (from as Readonly<Record<string, unknown>>)[key] : undefined
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined
}

/** Paths in a log are encoded as in URLs. */
function pathOf(add: Readonly<Record<string, unknown>>): string | undefined {
  const { path } = add
  if (typeof path !== 'string') return undefined
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function toFile(add: Readonly<Record<string, unknown>>): DeltaFile {
  const [stats] = typeof add['stats'] === 'string' ? parseAction(add['stats']) : []
  const read = (key: string): unknown => (stats as Readonly<Record<string, unknown>> | undefined)?.[key]
  return {
    sizeBytes: countOf(add['size']),
    rows: countOf(read('numRecords')),
    minValues: read('minValues'),
    maxValues: read('maxValues'),
  }
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

function textsIn(from: Readonly<Record<string, unknown>> | undefined, key: string): readonly string[] {
  const value = from?.[key]
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []
}
