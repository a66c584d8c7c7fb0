/**
 * A table of a database, with its commit log in the same database. What one kind of database adds is small (`SqlDatabase`);
 * the protocol is here and the same for both.
 *
 *   (1) Rows, rejected rows, parts and the entry become visible in one transaction.             [commitRows]
 *   (2) The log's own test runs inside it, over every entry, and no other writer is between it and COMMIT.  [begin, judgeDraft]
 *   (3) COMMIT is believed only when the entry is read back; where it failed, the log says what happened.   [finish]
 *   (4) What is staged exists until its entry is decided; rejected files go to the quarantine after it.     [attempts, placeRejected]
 */
import { isAbsolute, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  codeOf,
  isTidegateError,
  TidegateError,
  type BatchRef,
  type CommitOutcome,
  type Destination,
  type EntryDraft,
  type LedgerEntry,
  type LedgerPart,
  type PublishReport,
  type RejectedPart,
} from '@tidegate/core'
import { applyReconcile, reconcileError } from '../apply-reconcile.ts'
import {
  claimAttempt,
  collectAttempts,
  collectCommitted,
  dropAttempt,
  restoreDropped,
  stagedBatches,
  unclaimAttempt,
} from '../attempts.ts'
import { checkConservation } from '../check-conservation.ts'
import { assertDraft, attemptsOf, partsOf } from '../draft-parts.ts'
import { sizeOf, syncNames, withFolderErrors } from '../durable.ts'
import { judgeDraft, type Judgement } from '../judge-draft.ts'
import { probeParts } from '../list-folder.ts'
import type { LogState } from '../log-state.ts'
import { NO_MARK, type Mark } from '../mark.ts'
import { queue } from '../one-at-a-time.ts'
import { planReconcile } from '../plan-reconcile.ts'
import { safeName } from '../safe-name.ts'
import { APPEND } from '../settle/settle-context.ts'
import type { DestinationOptions } from '../destination-options.ts'
import { commitRows } from './commit-rows.ts'
import { PART_COLUMN } from './ledger-tables.ts'
import { isKeptPart, openSqlStaging } from './open-sql-staging.ts'
import { ofPieces, readPieces } from './pieces.ts'
import { qualified } from './plan-table.ts'
import { missingParts } from './missing-parts.ts'
import { notCommitted, rowsMissing, unknownOutcome, unsupported } from './table-errors.ts'
import { NOTHING_SETTLED, type SettledBatch } from './settled-batch.ts'
import type { SqlConnection, SqlDatabase } from './sql-database.ts'
import { openSqlLedger } from './sql-ledger.ts'

export interface SqlTableOptions extends DestinationOptions {
  /** Absolute folder for what is staged; each table of each database has its own below it. */
  readonly workDirectory: string
  /** Called after each step; may not throw. */
  readonly mark?: Mark | undefined
}

const NOTHING = 'Nothing was committed.'
const COMMITTED = 'What was committed stays committed; the next run finishes the rest.'
const UNCHANGED = 'Nothing was changed.'
const PAGE = 100
/** How long a database that restarts is waited for where the outcome of a commit is not known. */
const RECONNECTS = 40
const RECONNECT_AFTER_MS = 250
/** How long a connection that is to be given back is kept for the next call. */
const IDLE_MS = 100

export function openSqlTable(database: SqlDatabase, options: SqlTableOptions): Destination {
  if (process.platform === 'win32') throw unsupported()
  const quarantine = absolute(options.quarantineDirectory, 'quarantine')
  const directory = join(absolute(options.workDirectory, 'work'), safeName(`${database.tableKey} ${database.location}`))
  const mark = options.mark ?? NO_MARK
  const ledger = openSqlLedger(database)
  const settled = new Map<string, SettledBatch>()
  /** Rejected parts up to this entry are in the quarantine; undefined before the first look. */
  let placedSeq: number | undefined
  let connection: SqlConnection | undefined

  async function connect(): Promise<SqlConnection> {
    connection ??= await database.connect()
    return connection
  }

  let timer: NodeJS.Timeout | undefined
  function giveBackSoon(): void {
    clearTimeout(timer)
    timer = setTimeout(() => void oneAtATime(giveBack).catch(() => undefined), IDLE_MS)
  }

  async function giveBack(): Promise<void> {
    clearTimeout(timer)
    const open = connection
    connection = undefined
    await open?.close()
  }

  /** Runs work on a connection; one that an error came over is not used again. */
  async function connected<T>(work: () => Promise<T>): Promise<T> {
    let fine = false
    try {
      const result = await work()
      fine = true
      return result
    } finally {
      if (!fine) await giveBack()
      else if (!database.keepsConnection) giveBackSoon()
    }
  }

  /** The log as it is now; of a database that is not there, an empty one. */
  async function readLog(): Promise<LogState> {
    if (connection !== undefined || (await database.exists())) await ledger.refresh(await connect())
    return ledger.state()
  }

  async function prepare(batch: BatchRef, plan = APPEND): ReturnType<Destination['prepare']> {
    return openSqlStaging(batch, plan, {
      database,
      directory,
      compression: 'zstd',
      rowGroupRows: options.rowGroupRows,
      mark,
      read: (work) =>
        guarded(NOTHING, async () => {
          const state = await readLog()
          return work(state.parts.size === 0 ? NO_CONNECTION : await connect(), state)
        }),
      connected: (work) => guarded(NOTHING, async () => work(await connect())),
      onSettled: (result) => void settled.set(keyOf(batch), result),
    })
  }

  async function commit(draft: EntryDraft): Promise<CommitOutcome> {
    assertDraft(draft)
    const refused = await refusal(draft)
    if (refused !== undefined) return refused
    const attempts = attemptsOf(draft)
    for (const attempt of attempts) await claimAttempt(directory, attempt, draft.fence)
    if (attempts.size > 0) mark('attempt-claimed', { batch: draft.batch.batch })
    let outcome: CommitOutcome
    try {
      for (const part of partsOf(draft)) await assertStaged(part)
      outcome = await transact(draft)
    } catch (error) {
      if (codeOf(error) !== 'TARGET_OUTCOME_UNKNOWN')
        for (const attempt of attempts) await unclaimAttempt(directory, attempt)
      throw error
    }
    if (outcome.kind !== 'committed') for (const attempt of attempts) await unclaimAttempt(directory, attempt)
    if (outcome.kind === 'already-committed') await dropNeedless(draft, outcome.entry)
    return outcome
  }

  async function transact(draft: EntryDraft): Promise<CommitOutcome> {
    const open = await connect()
    await database.createLedger(open)
    await database.begin(open)
    let entry: LedgerEntry
    try {
      await ledger.refresh(open)
      const verdict = judgeDraft(ledger.state(), draft)
      if (verdict.kind !== 'ok') {
        await open.run('ROLLBACK')
        return refusalOf(open, draft, verdict)
      }
      checkConservation(ledger.state(), draft, true)
      entry = await commitRows(open, database, ledger.state(), draft, settledOf(draft), mark)
    } catch (error) {
      await open.run('ROLLBACK').catch(() => undefined)
      throw error
    }
    return finish(open, entry)
  }

  /** COMMIT, and what to believe after it. */
  async function finish(open: SqlConnection, entry: LedgerEntry): Promise<CommitOutcome> {
    let failed: unknown
    try {
      await open.run('COMMIT')
    } catch (error) {
      failed = error
      await open.run('ROLLBACK').catch(() => undefined)
    }
    const found = await isCommitted(open, entry, failed)
    if (!found) throw failed ?? notCommitted()
    await database.settleDisk()
    mark('entry-durable', { seq: String(entry.seq) })
    ledger.add(entry)
    settled.delete(keyOf({ batch: entry.batch, attempt: entry.attempt }))
    return { kind: 'committed', entry }
  }

  async function isCommitted(open: SqlConnection, entry: LedgerEntry, failed: unknown): Promise<boolean> {
    try {
      if (failed !== undefined) return await askAgain(entry)
      const found = await ledger.entry(open, entry.batch)
      return isSame(found, entry)
    } catch (error) {
      throw unknownOutcome(failed ?? error)
    }
  }

  /** Behind the lock: the transaction that was cut off may still be at its end. */
  async function askAgain(entry: LedgerEntry): Promise<boolean> {
    for (let left = RECONNECTS; ; left -= 1) {
      await giveBack()
      try {
        const open = await connect()
        await database.begin(open)
        const found = await ledger.entry(open, entry.batch)
        await open.run('ROLLBACK')
        return isSame(found, entry)
      } catch (error) {
        if (left === 0 || !isTidegateError(error) || !error.retryable) throw error
        await sleep(RECONNECT_AFTER_MS)
      }
    }
  }

  async function refusal(draft: EntryDraft): Promise<CommitOutcome | undefined> {
    const verdict = judgeDraft(await readLog(), draft)
    if (verdict.kind === 'ok') return undefined
    const outcome = await refusalOf(await connect(), draft, verdict)
    if (outcome.kind === 'already-committed') await dropNeedless(draft, outcome.entry)
    return outcome
  }

  async function refusalOf(
    open: SqlConnection,
    draft: EntryDraft,
    verdict: Exclude<Judgement, { kind: 'ok' }>,
  ): Promise<Exclude<CommitOutcome, { kind: 'committed' }>> {
    if (verdict.kind !== 'already-committed') return verdict
    const entry = await ledger.entry(open, draft.batch.batch)
    if (entry === undefined)
      throw new TidegateError('LEDGER_CORRUPT', `Entry ${verdict.seq} vanished from ${database.location}.`)
    await database.settleDisk()
    return { kind: 'already-committed', entry }
  }

  /** What this attempt staged for a batch that an earlier one had committed. */
  async function dropNeedless(draft: EntryDraft, entry: LedgerEntry): Promise<void> {
    const used = attemptsOf(entry)
    for (const attempt of attemptsOf(draft)) if (!used.has(attempt)) await dropAttempt(directory, attempt)
  }

  function settledOf(draft: EntryDraft): SettledBatch {
    const known = settled.get(keyOf(draft.batch))
    if (known !== undefined) return known
    if (draft.add.length === 0 && draft.remove.length === 0) return NOTHING_SETTLED
    throw new TidegateError('LEDGER_ATTEMPT_DROPPED', `Batch ${draft.batch.batch} was not settled here.`, {
      hint: 'Run again; the batch is staged anew.',
      retryable: true,
      dataNow: NOTHING,
    })
  }

  async function assertStaged(part: LedgerPart | RejectedPart): Promise<void> {
    if (isKeptPart(part)) return
    const found = await sizeOf(join(directory, part.staged))
    if (found === part.bytes) return
    throw new TidegateError('LEDGER_ATTEMPT_DROPPED', `The staged file ${part.staged} is gone or changed.`, {
      hint: 'Run again; the batch is staged anew.',
      retryable: true,
      dataNow: NOTHING,
    })
  }

  async function recover(): Promise<PublishReport> {
    const state = await readLog()
    if (state.lastSeq > 0) await database.settleDisk()
    await restoreDropped(directory, state)
    const pending: LedgerEntry[] = []
    for (const batch of await stagedBatches(directory)) {
      const entry = state.batches.has(batch) ? await ledger.entry(await connect(), batch) : undefined
      if (entry !== undefined) pending.push(entry)
    }
    const placed = await placeRejected(pending)
    const missing = await missingParts(database, connect, state)
    if (missing.length > 0 && options.onMissing !== 'report') throw rowsMissing(missing)
    const keep = { batches: (await options.liveBatches?.()) ?? new Set<string>(), source: options.source }
    await collectAttempts(directory, state, keep)
    mark('recovered', { seq: String(placed.lastSeq) })
    return { ...placed, missing }
  }

  async function publish(): Promise<PublishReport> {
    if (placedSeq === undefined) return recover()
    const { lastSeq } = await readLog()
    if (placedSeq > lastSeq) return recover()
    const entries: LedgerEntry[] = []
    for (let since = placedSeq; since < lastSeq; since = entries.at(-1)?.seq ?? lastSeq) {
      entries.push(...(await ledger.page(await connect(), since, PAGE)))
    }
    return { ...(await placeRejected(entries)), missing: [] }
  }

  /** Rows are in place with their commit; files of rejected rows go to the quarantine after it. */
  async function placeRejected(entries: readonly LedgerEntry[]): Promise<Omit<PublishReport, 'missing'>> {
    const wanted = { live: [], gone: [], rejected: entries.flatMap((entry) => entry.rejected) }
    const plan = planReconcile(wanted, await probeParts(directory, quarantine, wanted))
    const { published, problems } = await applyReconcile(plan, { directory, quarantine, mark })
    if (problems.length > 0) throw reconcileError(problems)
    for (const { rejected } of entries) await syncNames(quarantine, rejected)
    for (const entry of entries) await collectCommitted(directory, entry.batch, attemptsOf(entry))
    placedSeq = ledger.state().lastSeq
    mark('published', { seq: String(placedSeq) })
    return { lastSeq: placedSeq, published, retired: 0, unknown: [] }
  }

  const oneAtATime = queue()
  function guarded<T>(dataNow: string, work: () => Promise<T>): Promise<T> {
    return oneAtATime(() => connected(() => withFolderErrors(dataNow, work)))
  }
  const read = <T>(work: (state: LogState) => Promise<T>): Promise<T> =>
    guarded(UNCHANGED, async () => work(await readLog()))

  return {
    kind: database.kind,
    location: database.location,
    recover: () => guarded(COMMITTED, recover),
    prepare,
    commit: (draft) => guarded(NOTHING, () => commit(draft)),
    publish: () => guarded(COMMITTED, publish),
    lookup: (batch) =>
      read(async (state) => (state.batches.has(batch) ? ledger.entry(await connect(), batch) : undefined)),
    async *tail(since) {
      for (let from = since; ;) {
        const entries = await read(async (state) =>
          state.lastSeq > from ? ledger.page(await connect(), from, PAGE) : [],
        )
        yield* entries
        if (entries.length < PAGE) return
        from = entries.at(-1)?.seq ?? from
      }
    },
    liveParts: () => read(async (state): Promise<readonly LedgerPart[]> => [...state.parts.values()]),
    currentSchema: () => read(async (state) => state.schema),
    liveRows: (session, { without, scratch }) =>
      read(async (state) => {
        const columns = state.schema?.columns ?? []
        const rows = [...state.parts.values()].reduce((sum, part) => sum + part.rows, 0)
        if (columns.length === 0 || rows === 0) return undefined
        const open = await connect()
        const hidden = (await readPieces(open, database)).filter(({ file }) => without.has(file)).map(({ id }) => id)
        const ours = `t.${database.identifier(PART_COLUMN)} IS NOT NULL`
        const condition = hidden.length === 0 ? ours : `${ours} AND NOT ${ofPieces(database, hidden)}`
        const names = columns.map(({ name }) => `t.${database.identifier(name)}`).join(', ')
        const select = `SELECT ${names} FROM ${qualified(database)} AS t WHERE ${condition}`
        return database.exportRows(open, select, columns, scratch, session)
      }),
    close: () => oneAtATime(giveBack),
  }
}

function isSame(found: LedgerEntry | undefined, entry: LedgerEntry): boolean {
  return found?.seq === entry.seq && found.run === entry.run && found.attempt === entry.attempt
}

/** A database without live parts has nothing to say, and may not be there. */
const NO_CONNECTION: SqlConnection = {
  rows: async () => [],
  change: async () => 0,
  run: async () => undefined,
  close: async () => undefined,
}

function absolute(folder: string, what: string): string {
  if (isAbsolute(folder) && !folder.includes('\0')) return resolve(folder)
  throw new TidegateError('LEDGER_PATH', `The ${what} folder ${JSON.stringify(folder)} is not an absolute path.`, {
    hint: 'Resolve it against the folder of the configuration first.',
    dataNow: UNCHANGED,
  })
}

function keyOf({ batch, attempt }: Pick<BatchRef, 'batch' | 'attempt'>): string {
  return `${batch}/${attempt}`
}
