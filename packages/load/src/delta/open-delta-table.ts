/**
 * A Delta table to which batches are appended, exactly once, beside whatever else writes to it. The table's own log is the
 * commit log: two transactions in the commit that adds the parts say which batch it is.
 */
import { isAbsolute, resolve } from 'node:path'
import {
  TidegateError,
  type BatchRef,
  type ColumnSchema,
  type CommitOutcome,
  type Destination,
  type EntryDraft,
  type LedgerEntry,
  type LedgerPart,
  type PublishReport,
  type Session,
  type WritePlan,
} from '@tidegate/core'
import { applyReconcile, reconcileError } from '../apply-reconcile.ts'
import type { DestinationOptions } from '../destination-options.ts'
import { collectAttempts, collectCommitted, dropAttempt, restoreDropped, stagedBatches } from '../attempts.ts'
import { assertDraft, attemptsOf } from '../draft-parts.ts'
import { removeIfThere, withFolderErrors } from '../durable.ts'
import { probeParts } from '../list-folder.ts'
import { queue } from '../one-at-a-time.ts'
import { planReconcile } from '../plan-reconcile.ts'
import { appendOnly } from './append-only.ts'
import type { Codec } from './copy-rows.ts'
import { parseSchema } from './delta-type.ts'
import { toEngineType } from './engine-type.ts'
import { commitDraft, type CommitContext } from './commit-batch.ts'
import { restoreManifests } from './drop-manifest.ts'
import { fsyncLog, liveFiles, tableFiles, tempFiles } from './table-files.ts'
import type { DeltaMark } from './mark.ts'
import { openLedger } from './open-ledger.ts'
import type { TableShape } from './plan-columns.ts'
import { settleSealed } from './settle-sealed.ts'
import { liveTableRows } from './live-rows.ts'
import { openDeltaStaging, type DeltaStaging } from './stage-parts.ts'
import { assertSupported } from './supported.ts'

export interface DeltaTableOptions extends DestinationOptions {
  /** Absolute folder of the table; made with the first commit. */
  readonly directory: string
  /** Reads checkpoints. Rows are staged through the session that each call brings. */
  readonly session: Session
  /**
   * Columns by which a new table is partitioned; those of an existing one if given must be the same. Those of the plan that
   * `prepare` is given count more.
   */
  readonly partitionBy?: readonly string[] | undefined
  /** What columns do that the table lacks. @defaultValue 'add_columns' */
  readonly schemaEvolution?: 'add_columns' | 'fail' | undefined
  /** Where the table does not say (`delta.parquet.compression.codec`). @defaultValue 'zstd' */
  readonly compression?: 'zstd' | 'snappy' | undefined
  /** Called after each step; may not throw. */
  readonly mark?: DeltaMark | undefined
  /** Unix milliseconds. @defaultValue Date.now */
  readonly now?: (() => number) | undefined
}

export interface DeltaDestination extends Destination {
  prepare(batch: BatchRef, plan?: WritePlan): Promise<DeltaStaging>
}

const NOTHING = 'Nothing was committed.'
const COMMITTED = 'What was committed stays committed; the next run finishes the rest.'

/**
 * Opening touches nothing. Call `recover` before other work.
 *
 * @throws LEDGER_PATH if a folder is not absolute, TARGET_UNSUPPORTED on Windows. Its methods: DELTA_UNSUPPORTED for a
 *   table that needs features this version cannot write, DELTA_LOG_CORRUPT, DELTA_SCHEMA, DELTA_COLUMN, DELTA_PARTITION,
 *   TARGET_APPEND_ONLY
 */
export async function openDeltaTable(options: DeltaTableOptions): Promise<DeltaDestination> {
  if (process.platform === 'win32') throw unsupportedSystem()
  const directory = absolute(options.directory, 'table')
  const quarantine = absolute(options.quarantineDirectory, 'quarantine')
  if (`${quarantine}/`.startsWith(`${directory}/`)) throw quarantineInside(quarantine)
  const mark = options.mark ?? (() => undefined)
  const ledger = openLedger(directory, options.session)
  const context: CommitContext = { directory, ledger, mark, now: options.now ?? Date.now }
  /** Rejected parts up to this entry are in the quarantine; undefined before the first look. */
  let placedSeq: number | undefined
  let unknown: readonly string[] = []

  /** @throws DELTA_UNSUPPORTED, DELTA_SCHEMA */
  function shape(planned: readonly string[] = []): TableShape {
    const { protocol, metaData } = ledger.snapshot()
    const wanted = planned.length > 0 ? planned : options.partitionBy
    if (protocol === undefined || metaData === undefined) return { fields: [], partitionColumns: wanted ?? [] }
    assertSupported(directory, protocol, metaData)
    const fields = parseSchema(metaData.schemaString)
    if (fields.length === 0) return { fields, partitionColumns: wanted ?? metaData.partitionColumns }
    if (
      wanted !== undefined &&
      wanted.join('\n').toLowerCase() !== metaData.partitionColumns.join('\n').toLowerCase()
    ) {
      throw otherPartitions(metaData.partitionColumns, wanted)
    }
    return { fields, partitionColumns: metaData.partitionColumns }
  }

  async function prepare(batch: BatchRef, plan?: WritePlan): Promise<DeltaStaging> {
    if (plan !== undefined && plan.mode !== 'append') throw appendOnly(`mode ${plan.mode} takes rows out`)
    await ledger.refresh()
    const configuration = ledger.snapshot().metaData?.configuration ?? {}
    const indexed = Number(configuration['delta.dataSkippingNumIndexedCols'] ?? Number.NaN)
    return openDeltaStaging(batch, {
      directory,
      shape: shape(plan?.partitionBy),
      evolution: options.schemaEvolution ?? 'add_columns',
      codec: codecOf(configuration['delta.parquet.compression.codec']) ?? options.compression ?? 'zstd',
      rowGroupRows: options.rowGroupRows,
      indexed: Number.isInteger(indexed) ? indexed : undefined,
      dedup: plan?.dedup,
      ledger: () => read(async () => ledger.state()),
      mark,
    })
  }

  async function commit(draft: EntryDraft): Promise<CommitOutcome> {
    assertDraft(draft)
    const outcome = await commitDraft(context, draft)
    if (outcome.kind === 'already-committed') await dropNeedless(draft, outcome.entry)
    return outcome
  }

  async function dropNeedless(draft: EntryDraft, entry: LedgerEntry): Promise<void> {
    const used = attemptsOf(entry)
    for (const attempt of attemptsOf(draft)) if (!used.has(attempt)) await dropAttempt(directory, attempt)
  }

  async function recover(): Promise<PublishReport> {
    await fsyncLog(directory)
    await removeAll(await tempFiles(directory))
    await restoreManifests(directory)
    await ledger.refresh()
    await restoreDropped(directory, ledger.state())
    const keep = { batches: (await options.liveBatches?.()) ?? new Set<string>(), source: options.source }
    await settleSealed(context, keep)
    const pending: LedgerEntry[] = []
    for (const batch of await stagedBatches(directory)) {
      const entry = await ledger.entry(batch)
      if (entry !== undefined) pending.push(entry)
    }
    const placed = await placeRejected(pending)
    const files = await tableFiles(directory, options.session, ledger.state())
    if (files.missing.length > 0 && options.onMissing !== 'report') {
      throw reconcileError(files.missing.map((visible) => ({ kind: 'missing', visible })))
    }
    unknown = files.unknown
    await collectAttempts(directory, ledger.state(), keep)
    mark('recovered', { seq: String(placedSeq) })
    return { ...placed, unknown, missing: files.missing }
  }

  async function publish(): Promise<PublishReport> {
    await ledger.refresh()
    // Without a first look, or over a table that somebody made anew.
    if (placedSeq === undefined || placedSeq > ledger.state().lastSeq) return recover()
    const entries: LedgerEntry[] = []
    for await (const entry of ledger.entries(placedSeq)) entries.push(entry)
    return { ...(await placeRejected(entries)), unknown, missing: [] }
  }

  /** Parts were in place before their commit; what was rejected goes to the quarantine after it. */
  async function placeRejected(entries: readonly LedgerEntry[]): Promise<Omit<PublishReport, 'unknown' | 'missing'>> {
    const wanted = { live: [], gone: [], rejected: entries.flatMap((entry) => entry.rejected) }
    const plan = planReconcile(wanted, await probeParts(directory, quarantine, wanted))
    const { published, problems } = await applyReconcile(plan, { directory, quarantine, mark })
    if (problems.length > 0) throw reconcileError(problems)
    for (const entry of entries) await collectCommitted(directory, entry.batch, attemptsOf(entry))
    placedSeq = ledger.state().lastSeq
    mark('published', { seq: String(placedSeq) })
    return { lastSeq: placedSeq, published, retired: 0 }
  }

  const oneAtATime = queue()
  const guarded = <T>(dataNow: string, work: () => Promise<T>): Promise<T> =>
    oneAtATime(() => withFolderErrors(dataNow, work))
  const read = <T>(work: () => Promise<T>): Promise<T> =>
    guarded('Nothing was changed.', async () => {
      await ledger.refresh()
      return work()
    })
  return {
    kind: 'delta',
    location: directory,
    recover: () => guarded(COMMITTED, recover),
    prepare: (batch, plan) => guarded(NOTHING, () => prepare(batch, plan)),
    commit: (draft) => guarded(NOTHING, () => commit(draft)),
    publish: () => guarded(COMMITTED, publish),
    lookup: (batch) => read(() => ledger.entry(batch)),
    tail: (since) => tail(since),
    liveParts: () =>
      read(async (): Promise<readonly LedgerPart[]> => {
        const live = await liveFiles(directory, options.session)
        return [...ledger.state().parts.values()].filter((part) => live.has(part.visible))
      }),
    currentSchema: () =>
      read(async () => {
        const { metaData } = ledger.snapshot()
        const columns = metaData === undefined ? [] : columnsOf(metaData.schemaString)
        if (metaData === undefined || columns.length === 0) return undefined
        return { id: ledger.state().schema?.id ?? metaData.id, columns }
      }),
    liveRows: (session, { without }, query) =>
      read(() => liveTableRows(directory, session, { state: ledger.state(), without }, query)),
    // The session is its owner's.
    close: async () => undefined,
  }

  async function* tail(since: number): AsyncGenerator<LedgerEntry, void, undefined> {
    await read(async () => undefined)
    yield* ledger.entries(since)
  }
}

/** Columns of a type that the engine cannot hold are left out: nothing can be written to them. */
function columnsOf(schemaString: string): readonly ColumnSchema[] {
  return parseSchema(schemaString).flatMap(({ name, type }) => {
    const engineType = toEngineType(type)
    return engineType === undefined ? [] : [{ name, type: engineType }]
  })
}

const CODECS: ReadonlyMap<string, Codec> = new Map([
  ['zstd', 'zstd'],
  ['snappy', 'snappy'],
  ['gzip', 'gzip'],
  ['lz4_raw', 'lz4_raw'],
  ['uncompressed', 'uncompressed'],
  ['none', 'uncompressed'],
])

function codecOf(property: string | undefined): Codec | undefined {
  return property === undefined ? undefined : CODECS.get(property.toLowerCase())
}

async function removeAll(paths: readonly string[]): Promise<void> {
  for (const path of paths) await removeIfThere(path)
}

function absolute(folder: string, what: string): string {
  if (isAbsolute(folder) && !folder.includes('\0')) return resolve(folder)
  throw new TidegateError('LEDGER_PATH', `The ${what} folder ${JSON.stringify(folder)} is not an absolute path.`, {
    hint: 'Give an absolute path.',
    dataNow: 'Nothing was changed.',
  })
}

function quarantineInside(quarantine: string): TidegateError {
  return new TidegateError('LEDGER_PATH', `The quarantine ${quarantine} lies inside the table.`, {
    hint: 'Put it beside the table.',
    dataNow: 'Nothing was changed.',
  })
}

function otherPartitions(has: readonly string[], wanted: readonly string[]): TidegateError {
  return new TidegateError(
    'DELTA_SCHEMA',
    `The Delta table is partitioned by (${has.join(', ')}), the configuration says (${wanted.join(', ')}).`,
    { hint: 'Leave partition_by out: an existing table keeps its own.', dataNow: 'Nothing was changed.' },
  )
}

function unsupportedSystem(): TidegateError {
  return new TidegateError('TARGET_UNSUPPORTED', 'Windows cannot make folder entries durable.', {
    hint: 'Run on Linux or macOS, for example in a container or under WSL.',
    dataNow: 'Nothing was changed.',
  })
}
