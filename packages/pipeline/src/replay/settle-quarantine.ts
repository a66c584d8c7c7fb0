/**
 * The other half of quarantine: what lies there is judged again, let through, or given up.
 *
 *   (1) A record is closed once: by the log's own test of `consumes`.                     [judgeDraft in load]
 *   (2) What was decided on is what is there: a later entry than the one seen last makes the commit a conflict, and the
 *       record is looked at again.                                                        [basedOn, settleLocation]
 *   (3) Rows that are good now, the rest, and the end of the record are in one entry.     [settleRows]
 *   (4) What lies in quarantine stays there until its retention is over.                  [maintain]
 */
import {
  TidegateError,
  type Destination,
  type FileRecord,
  type FileVersionId,
  type RunEnding,
  type RunRecord,
  type SourceConfig,
} from '@tidegate/core'
import type { PipelineEffects } from '../effects.ts'
import { holdLease, type HeldLease } from '../lease.ts'
import { recoverTarget } from '../recover-target.ts'
import { closedBefore } from './closed-before.ts'
import { discardRecords } from './discard-records.ts'
import { findObstacle } from './find-obstacle.ts'
import {
  contentOf,
  refused,
  type QuarantineItem,
  type QuarantineReport,
  type QuarantineRequest,
  type RecordOutcome,
} from './quarantine-item.ts'
import { recordRun } from './record-run.ts'
import { editionOf, readLogAfter, type LogAfterRecords } from './read-log-after.ts'
import { isOvertaken, settleFiles } from './settle-files.ts'
import { settleRows } from './settle-rows.ts'

export interface QuarantineEffects extends PipelineEffects {
  /** Open records of a source, oldest first. */
  openRecords(source: string): Promise<readonly QuarantineItem[]>
  /** What is told of the end of this. @defaultValue nothing */
  endingOfSettled?(run: RunRecord): Promise<RunEnding>
}

/** What the parts of one call share. */
export interface SettleContext {
  readonly source: SourceConfig
  readonly dataset: string
  readonly destination: Destination
  readonly request: QuarantineRequest
  readonly run: string
  readonly fence: number
  /** The newest entry that the decision knows. */
  readonly lastSeq: number
  readonly effects: QuarantineEffects
}

/**
 * @throws TidegateError `LEASE_HELD`, `LEDGER_CONFLICT` when others keep writing, and what the targets throw. Records that
 * were closed before stay closed; calling it again goes on with the others.
 */
export async function settleQuarantine(
  source: SourceConfig,
  request: QuarantineRequest,
  effects: QuarantineEffects,
): Promise<QuarantineReport> {
  const run = request.run ?? effects.newId()
  const { action } = request
  const dryRun = request.dryRun === true
  const wanted = (await effects.openRecords(source.name)).filter(request.wants)
  const answer = { source: source.name, action, run, dryRun }
  if (wanted.length === 0) return { ...answer, items: [] }
  if (dryRun) return { ...answer, items: await settleAll(undefined, effects) }
  await using lease = await holdLease(source.name, effects)
  const bytes = new Map(wanted.map((item) => [keyOf(item.location, item.id), item.bytes]))
  const bytesOf = ({ location, record }: RecordOutcome): number => bytes.get(keyOf(location, record)) ?? 0
  const work = (): Promise<readonly RecordOutcome[]> => settleAll(lease, { ...effects, signal: lease.signal })
  return { ...answer, items: await recordRun({ id: run, source: source.name, action, bytesOf }, work, effects) }

  async function settleAll(
    lease: HeldLease | undefined,
    effects: QuarantineEffects,
  ): Promise<readonly RecordOutcome[]> {
    const outcomes: RecordOutcome[] = []
    for (const dataset of new Set(wanted.map((item) => item.dataset))) {
      for (const target of source.targets) {
        const own = { ...source, target }
        const destination = await effects.openDestination(own, dataset, { onMissing: 'report' })
        try {
          const here = wanted.filter((item) => item.dataset === dataset && item.location === destination.location)
          if (here.length > 0) outcomes.push(...(await settleTarget(own, dataset, destination, here, lease, effects)))
        } finally {
          await destination.close()
        }
      }
    }
    const done = new Set(outcomes.map((outcome) => keyOf(outcome.location, outcome.record)))
    const elsewhere = wanted.filter((item) => !done.has(keyOf(item.location, item.id)))
    return [...outcomes, ...elsewhere.map(notConfigured)]
  }

  async function settleTarget(
    own: SourceConfig,
    dataset: string,
    destination: Destination,
    items: readonly QuarantineItem[],
    lease: HeldLease | undefined,
    effects: QuarantineEffects,
  ): Promise<readonly RecordOutcome[]> {
    for (let tries = 1; ; tries += 1) {
      if (lease !== undefined) {
        const { indexed } = await recoverTarget(destination, source.name, effects.ledger)
        if (indexed > 0) await lease.refence()
      }
      const open = await effects.openRecords(source.name)
      const isOpen = new Set(open.map((item) => keyOf(item.location, item.id)))
      const still = items.filter((item) => isOpen.has(keyOf(item.location, item.id)))
      const closed = items.filter((item) => !still.includes(item))
      try {
        const lastSeq = await effects.ledger.indexedSeq(destination.location)
        const fence = lease?.fence ?? 0
        const context = { source: own, dataset, destination, request, run, fence, lastSeq, effects }
        const settled = await settleLocation(still, context)
        return [...(await closedBefore(closed, destination)), ...settled]
      } catch (error) {
        if (!isOvertaken(error) || tries === TRIES) throw error
      }
    }
  }
}

/** How often a decision is made anew because others wrote to the same target meanwhile. */
const TRIES = 5

function keyOf(location: string, record: string): string {
  return `${location}\0${record}`
}

async function settleLocation(
  items: readonly QuarantineItem[],
  context: SettleContext,
): Promise<readonly RecordOutcome[]> {
  const { source, destination, request } = context
  if (items.length === 0) return []
  const log = await readLogAfter(destination, new Set(items.map((item) => item.seq)))
  const byFile = await versionsBeside(items, context)
  const outcomes: RecordOutcome[] = []
  const free: QuarantineItem[] = []
  for (const item of items) {
    const entry = log.entries.get(item.seq)
    const after = { entry, isGone: entry !== undefined && editionOf(entry, log.replacing) === 'gone' }
    const target = { kind: source.target.kind, overwrites: source.overwrites }
    const obstacle = findObstacle(item, request.action, byFile.get(item.file) ?? [], after, target)
    if (obstacle === undefined) free.push(item)
    else outcomes.push(refused(item, obstacle))
  }
  if (request.action === 'discard') return [...outcomes, ...(await discardRecords(free, context))]
  const files = free.filter((item) => contentOf(item) === 'file')
  const held = await settleHeld(files, byFile, log, context)
  const rows = free.filter((item) => contentOf(item) === 'rows')
  const settled = await settleRows(rows, byFile, { ...context, lastSeq: held.lastSeq })
  return [...outcomes, ...held.outcomes, ...settled]
}

/** Versions of the records' paths, oldest first, by each of their ids; and with mode `upsert` what is live and came later. */
async function versionsBeside(
  items: readonly QuarantineItem[],
  { source, destination, effects: { ledger } }: SettleContext,
): Promise<ReadonlyMap<FileVersionId, readonly FileRecord[]>> {
  const isHere = ({ location }: FileRecord): boolean => location === destination.location
  const prefix = `${source.name}/`
  const paths = items.flatMap(({ file }) =>
    file.startsWith(prefix) ? [file.slice(prefix.length, file.lastIndexOf('#'))] : [],
  )
  const known = [...(await ledger.versionsOf(source.name, [...new Set(paths)])).values()]
  const byFile = new Map<FileVersionId, readonly FileRecord[]>()
  for (const all of known.map((versions) => versions.filter(isHere)))
    for (const version of all) byFile.set(version.id, all)
  if (source.target.mode !== 'upsert') return byFile
  const first = Math.min(...items.map(({ seq }) => seq), ...[...byFile.values()].flat().map(({ seq }) => seq))
  for (const version of await ledger.listFiles({ source: source.name, liveOnly: true }))
    if (isHere(version) && version.seq >= first && !byFile.has(version.id)) byFile.set(version.id, [version])
  return byFile
}

/** In a target whose rows are replaced, those of one edition come together, and join what is there of it already. */
async function settleHeld(
  items: readonly QuarantineItem[],
  versions: Parameters<typeof settleFiles>[1],
  log: LogAfterRecords,
  context: SettleContext,
): Promise<Awaited<ReturnType<typeof settleFiles>>> {
  const { source } = context
  if (source.target.mode !== 'replace') return settleFiles(items, versions, log.entries, context)
  const outcomes: RecordOutcome[] = []
  let { lastSeq } = context
  for (const [seq, some] of Map.groupBy(items, (item) => item.seq)) {
    const entry = log.entries.get(seq)
    const isFirst = entry !== undefined && editionOf(entry, log.replacing) === 'waiting'
    if (!isFirst && source.target.replace === 'partitions') {
      outcomes.push(...some.map((item) => refused(item, partlyThere(item))))
      continue
    }
    const own = isFirst ? source : { ...source, target: { ...source.target, mode: 'append' as const } }
    const settled = await settleFiles(some, versions, log.entries, { ...context, source: own, lastSeq })
    outcomes.push(...settled.outcomes)
    ;({ lastSeq } = settled)
  }
  return { outcomes, lastSeq }
}

/** To join would leave older rows of a partition beside them, to replace could take rows of the same edition away. */
function partlyThere({ id }: QuarantineItem): TidegateError {
  return new TidegateError('QUARANTINE_EDITION', `${id}: other files of its edition are loaded, perhaps into its partitions`, {
    dataNow: 'Nothing of it was changed.',
    hint: 'Load the files of that edition again together, with tidegate files retry and all of their paths.',
  }) // prettier-ignore
}

function notConfigured(item: QuarantineItem): RecordOutcome {
  const message = `${item.id} belongs to ${item.location}, which is no target of the source now`
  return refused(
    item,
    new TidegateError('QUARANTINE_TARGET_MOVED', message, {
      hint: 'Give the target back to the configuration, or move it and run tidegate state rebuild --from-targets.',
    }),
  )
}
