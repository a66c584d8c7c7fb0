/**
 * Where the files of one run go that cannot be read as they are. Each is looked at once: plan → decide → repair. What a
 * repaired file is, is known from this run alone: a file that an earlier run left is never read.
 */
import path from 'node:path'
import {
  TidegateError,
  type FileRecord,
  type FileRepair,
  type FileVersion,
  type FileVersionId,
  type Reason,
  type SourceConfig,
} from '@tidegate/core'
import { safeName } from '@tidegate/load'
import type { RepairOptions, RepairSummary } from '@tidegate/parquet'
import { decideRepair, repairNote, repairRecord, rowsLeftOut } from './decide-repair.ts'
import type { PipelineEffects } from './effects.ts'
import type { Knowledge } from './knowledge.ts'

export type RepairOutcome =
  | {
      readonly kind: 'repaired'
      /** What the engine reads in place of the file. */
      readonly scan: string
      readonly rows: number
      /** Rows left out, as far as they can be counted. */
      readonly rowsLost: number
      readonly repair: FileRepair
      readonly note: Reason
    }
  /** A repair finds nothing wrong. */
  | { readonly kind: 'intact' }
  /** Not brought back, or not without a person. */
  | { readonly kind: 'hold'; readonly reasons: readonly Reason[] }

export interface RepairDesk {
  /** What became of a file that was brought here; undefined where none was. */
  known(id: FileVersionId): RepairOutcome | undefined
  /** Looks at a file, once per run. `seen`: why it was brought. Throws what says nothing of the file (disk full, gone). */
  repair(version: FileVersion, seen: readonly Reason[]): Promise<RepairOutcome>
  /** Takes repaired files away that nothing refers to: their paths are not among those `kept`. */
  clear(kept: ReadonlySet<string>): Promise<void>
}

export interface DeskSettings {
  readonly source: Pick<SourceConfig, 'name' | 'repair' | 'duplicates'>
  readonly run: string
  /** What this run reads. */
  readonly fresh: readonly FileVersion[]
  /** What earlier runs saw. */
  readonly knowledge: Pick<Knowledge, 'liveByHash' | 'newestLive'>
}

type DeskEffects = Pick<PipelineEffects, 'doctor' | 'repaired' | 'store' | 'signal' | 'report' | 'mark'>

const SCHEMA_LACKS: ReadonlySet<string> = new Set(['PQ601', 'PQ603'])

/** Undefined where the source says `repair: off`. */
export function openRepairDesk(settings: DeskSettings, effects: DeskEffects): RepairDesk | undefined {
  const { source, run, knowledge } = settings
  const policy = source.repair
  if (policy === 'off') return undefined
  const outcomes = new Map<FileVersionId, RepairOutcome>()
  const siblings = siblingsIn(knowledge)
  const twins = openTwins(settings)

  /** Without a schema from near the file, by what was loaded from elsewhere. */
  async function planWith(
    version: FileVersion,
  ): Promise<{ plan: RepairSummary; options: Pick<RepairOptions, 'schema'> }> {
    const { doctor, signal } = effects
    const plan = await doctor.plan(version.uri, {}, { signal })
    if (plan.kind !== 'refused' || !plan.findings.some(({ code }) => SCHEMA_LACKS.has(code)))
      return { plan, options: {} }
    const schema = await unmoved(await siblings(version), effects)
    if (schema.length === 0) return { plan, options: {} }
    const second = await doctor.plan(version.uri, { schema }, { signal })
    return second.kind === 'repair' ? { plan: second, options: { schema } } : { plan, options: {} }
  }

  async function look(version: FileVersion, seen: readonly Reason[]): Promise<RepairOutcome> {
    const { doctor, repaired, signal, mark } = effects
    const { plan, options } = await planWith(version)
    const decision = decideRepair(plan, policy === 'lossy' ? 'lossy' : 'lossless', seen)
    if (decision.kind !== 'apply') return decision
    const place = `${source.name}/${version.dataset}/${run}/${safeName(version.path)}.parquet`
    const out = await repaired.reserve(place)
    mark('repairing', { source: source.name, file: version.path })
    const report = await doctor.repair(version.uri, out, options, { signal })
    if (report.sourceSha256 !== version.contentHash) throw changed(version)
    // Planned once more by the repair itself: what it did counts, not what was planned first.
    const done = decideRepair(report.summary, policy === 'lossy' ? 'lossy' : 'lossless', seen)
    if (report.status === 'unchanged') return { kind: 'intact' }
    if (report.status === 'refused' || report.outSha256 === undefined || done.kind !== 'apply') {
      await repaired.discard(place)
      return done.kind === 'hold' ? done : { kind: 'hold', reasons: mismatches(report.verification?.mismatches, seen) }
    }
    mark('repaired', { source: source.name, file: version.path })
    const twin = await twins(version, report.outSha256)
    if (twin !== undefined) {
      await repaired.discard(place)
      const message = `repaired, it is byte for byte ${JSON.stringify(twin)}, which is loaded or about to be`
      return { kind: 'hold', reasons: [{ check: 'DUPLICATE_CONTENT', severity: 'critical', message }, ...seen] }
    }
    const repair = repairRecord(report, place)
    const note = repairNote(report, repair)
    effects.report({ kind: 'note', level: 'info', message: `${version.path}: ${note.message}` })
    return {
      kind: 'repaired',
      scan: out,
      rows: report.verification?.rowsRead ?? report.summary.totals.rowsRecovered,
      rowsLost: rowsLeftOut(report.summary),
      repair,
      note,
    }
  }

  return {
    known: (id) => outcomes.get(id),
    async repair(version, seen) {
      const before = outcomes.get(version.id)
      if (before !== undefined) return before
      const outcome = await look(version, seen)
      outcomes.set(version.id, outcome)
      return outcome
    },
    async clear(kept) {
      for (const outcome of outcomes.values())
        if (outcome.kind === 'repaired' && !kept.has(outcome.repair.path))
          await effects.repaired.discard(outcome.repair.path)
    },
  }
}

/**
 * Another file of the dataset, loaded or in this run, whose bytes are those that a repair has made: to load both would double
 * its rows. Of two files that become the same, the second is held. Undefined where duplicates are wanted.
 */
function openTwins({
  source,
  knowledge,
  fresh,
}: DeskSettings): (version: FileVersion, repairedSha256: string) => Promise<string | undefined> {
  const isWanted = source.duplicates === 'load' || source.duplicates === 'warn'
  const paths = new Map<string, string>()
  const keyOf = (dataset: string, hash: string): string => `${dataset}\0${hash}`
  for (const version of fresh) paths.set(keyOf(version.dataset, version.contentHash), version.path)
  return async (version, repairedSha256) => {
    if (isWanted) return undefined
    const key = keyOf(version.dataset, repairedSha256)
    const loaded = paths.has(key) ? [] : await knowledge.liveByHash([repairedSha256])
    // After the question: another file may have become the same meanwhile.
    const twin = paths.get(key) ?? loaded.find(({ dataset }) => dataset === version.dataset)?.path
    if (twin !== undefined && twin !== version.path) return twin
    paths.set(key, version.path)
    return undefined
  }
}

/** Files of a dataset that were read as they came, newest first: they know the schema that a lost footer had. */
function siblingsIn(knowledge: DeskSettings['knowledge']): (version: FileVersion) => Promise<readonly FileRecord[]> {
  const byDataset = new Map<string, Promise<readonly FileRecord[]>>()
  return async ({ dataset, uri: own }) => {
    const asked = byDataset.get(dataset) ?? knowledge.newestLive(dataset, NEWEST)
    byDataset.set(dataset, asked)
    // Those beside it were tried already.
    const folder = path.dirname(own)
    return (await asked).filter(
      (record) => record.repair === undefined && isParquet(record) && path.dirname(record.uri) !== folder,
    )
  }
}

const NEWEST = 1000

function isParquet(record: FileRecord): boolean {
  return /\.(parquet|parq|pq)$/i.test(record.path)
}

const SIBLINGS = 3

/** The first that are still as they were when they were read. */
async function unmoved(
  records: readonly FileRecord[],
  { store }: Pick<PipelineEffects, 'store'>,
): Promise<readonly { readonly sibling: string }[]> {
  const found: { readonly sibling: string }[] = []
  for (const { uri, stamp } of records) {
    if (found.length === SIBLINGS) break
    const now = await store.stat(uri).catch(() => undefined)
    if (now?.stamp === stamp) found.push({ sibling: uri })
  }
  return found
}

function mismatches(found: readonly string[] | undefined, seen: readonly Reason[]): readonly Reason[] {
  const message = `the repaired file was not what it should be: ${found?.[0] ?? 'the repair refused'}`
  return [...seen, { check: 'PQ606', severity: 'critical', message }]
}

function changed(version: FileVersion): TidegateError {
  return new TidegateError('REPAIR_SOURCE_CHANGED', `${version.path} was written to while it was repaired`, {
    retryable: true,
    dataNow: 'Nothing of it was loaded.',
    hint: 'A later run takes it.',
  })
}
