/** How the tests of the contract stage, commit and read. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'vitest'
import type {
  Cell,
  CommitOutcome,
  Destination,
  EntryDraft,
  LedgerFile,
  Replay,
  Session,
  Settlement,
  Staging,
  WritePlan,
} from '@tidegate/core'
import { batchOf, draftOf, fileOf } from '../drafts.ts'
import type { Ability, ContractContext, ContractTarget } from './destination-contract.ts'

/** `[k, v, o]`; file version and number are added. */
export type Row = readonly [k: number | null, v: string | null, o?: number | null]

export interface BatchSpec {
  readonly batch: string
  /** File version → its rows, in order. */
  readonly files?: Readonly<Record<string, readonly Row[]>> | undefined
  /** File versions in one part. @defaultValue a part for each */
  readonly together?: boolean | undefined
  readonly plan?: Partial<WritePlan> | undefined
  /** File version of this batch → the one that it replaces. */
  readonly replaces?: Readonly<Record<string, string>> | undefined
  /** See `SettleRequest.yieldTo`. */
  readonly yieldTo?: readonly string[] | undefined
  /** Record → the file version that it is of, and rows of it that are good now. */
  readonly replays?: Readonly<Record<string, readonly [file: string, rows: readonly Row[]]>> | undefined
  readonly more?: Partial<EntryDraft> | undefined
}

export interface Prepared {
  readonly staging: Staging
  readonly settled: Settlement
  readonly draft: EntryDraft
}

export const PLAN: WritePlan = { mode: 'append', replace: 'all', keys: [], dedup: undefined, partitionBy: [] }

/** Stages, settles and seals, the way a pipeline does. */
export async function prepareBatch(target: Destination, session: Session, spec: BatchSpec): Promise<Prepared> {
  const { batch, files = {}, replaces = {}, replays = {}, yieldTo = [] } = spec
  const plan: WritePlan = { ...PLAN, ...spec.plan }
  const ref = batchOf(batch)
  const staging = await target.prepare(ref, plan)
  const brought = [...Object.entries(files), ...Object.values(replays)].map(([id, rows]) => ({ id, rows }))
  if (spec.together === true) await stage(staging, session, brought, `part-${batch}-000.parquet`)
  else {
    for (const [at, file] of brought.entries()) await stage(staging, session, [file], `part-${batch}-00${at}.parquet`)
  }
  const leaving = new Set(Object.values(replaces))
  const settled = await staging.settle(session, { leaving, yieldTo: new Set(yieldTo) })
  await staging.seal()
  const dropped = new Map(settled.dropped.map(({ file, rows }) => [file, rows]))
  const judged = Object.entries(files).map(([id, rows]): LedgerFile => {
    const lost = dropped.get(id) ?? 0
    const replaced = replaces[id] === undefined ? {} : { replaces: replaces[id] }
    return fileOf(id, rows.length, { rowsLoaded: rows.length - lost, rowsDropped: lost, ...replaced })
  })
  const draft = draftOf(batch, {
    batch: ref,
    files: judged,
    add: settled.add,
    remove: settled.remove,
    superseded: settled.superseded,
    basedOn: settled.basedOn,
    mode: plan.mode,
    replays: Object.entries(replays).map(([record, [file, rows]]) => replayOf(record, file, rows.length, dropped)),
    consumes: Object.keys(replays),
    schema: { id: 'v1', columns: COLUMNS },
    ...spec.more,
  })
  return { staging, settled, draft }
}

/** Prepares, commits and publishes. A batch that was refused is dropped. */
export async function loadBatch(target: Destination, session: Session, spec: BatchSpec): Promise<CommitOutcome> {
  const { staging, draft } = await prepareBatch(target, session, spec)
  const outcome = await target.commit(draft)
  if (outcome.kind === 'conflict' || outcome.kind === 'stale') await staging.drop()
  else await target.publish()
  return outcome
}

const COLUMNS = [
  { name: 'k', type: 'BIGINT' },
  { name: 'v', type: 'VARCHAR' },
  { name: 'o', type: 'BIGINT' },
  { name: 'f', type: 'VARCHAR' },
  { name: 'n', type: 'BIGINT' },
]

function replayOf(record: string, file: string, rows: number, dropped: ReadonlyMap<string, number>): Replay {
  const lost = dropped.get(file) ?? 0
  const counts = { rowsRead: rows, rowsLoaded: rows - lost, rowsRejected: 0, rowsDropped: lost, rowsDiscarded: 0 }
  return { record, file, action: 'replay', ...counts }
}

interface Brought {
  readonly id: string
  readonly rows: readonly Row[]
}

async function stage(staging: Staging, session: Session, files: readonly Brought[], visible: string): Promise<void> {
  const counted = files.map(({ id, rows }) => ({ file: id, rows: rows.length }))
  await staging.stageRows(session, selectRows(session, files), { visible, files: counted })
}

export function selectRows({ dialect }: Session, files: readonly Brought[]): string {
  const cell = (value: Cell, type: string): string => `CAST(${dialect.literal(value)} AS ${type})`
  const rows = files.flatMap(({ id, rows }) =>
    rows.map(
      ([k, v, o = null], n) =>
        `(${cell(k, 'BIGINT')}, ${cell(v, 'VARCHAR')}, ${cell(o, 'BIGINT')}, ${cell(id, 'VARCHAR')}, ${cell(n, 'BIGINT')})`,
    ),
  )
  const none = `(NULL::BIGINT, NULL::VARCHAR, NULL::BIGINT, NULL::VARCHAR, NULL::BIGINT)`
  const some =
    rows.length === 0
      ? `(VALUES ${none}) AS rows(k, v, o, f, n) WHERE false`
      : `(VALUES ${rows.join(', ')}) AS rows(k, v, o, f, n)`
  return `SELECT k, v, o, f, n FROM ${some}`
}

/** All live rows as `k v o file n`, sorted; NULL as `-`. */
export async function liveRows(
  target: Destination,
  session: Session,
  without: readonly string[] = [],
): Promise<readonly string[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'tidegate-'))
  try {
    const from = await target.liveRows(session, { without: new Set(without), scratch })
    if (from === undefined) return []
    const { rows } = await session.query(`SELECT k, v, o, f, n FROM ${from}`)
    return rows.map((row) => row.map((cell) => cell ?? '-').join(' ')).toSorted()
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

export async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** A target for one test, with everything that was opened on it closed afterwards. */
export async function withTarget(
  context: ContractContext,
  work: (open: ContractTarget['open'], session: Session, target: ContractTarget) => Promise<void>,
): Promise<void> {
  const target = await context.fresh()
  const opened: Destination[] = []
  const open: ContractTarget['open'] = async (options) => {
    const destination = await target.open(options)
    opened.push(destination)
    return destination
  }
  try {
    await work(open, context.session(), target)
  } finally {
    for (const destination of opened) await destination.close()
    await target.dispose()
  }
}

/** Says in the report of the run that there is nothing to test here, and why. */
export function notApplicable(name: string, reason: string): void {
  test(`${name} (n/a: ${reason})`, ({ skip }) => skip(reason))
}

/** A test of the contract; skipped, with the reason in its name, where the destination cannot do what it is about. */
export function promise(
  context: ContractContext,
  needs: readonly Ability[],
  name: string,
  work: Parameters<typeof withTarget>[1],
  timeoutMs = 60_000,
): void {
  const reason = context.cannot(...needs)
  if (reason === undefined) test(name, { timeout: timeoutMs }, () => withTarget(context, work))
  else notApplicable(name, reason)
}
