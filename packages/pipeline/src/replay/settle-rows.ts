import { isTidegateError, type FileRecord, type FileVersionId } from '@tidegate/core'
import { resolveGate } from '@tidegate/dq'
import { contractVersion } from '../contract-version.ts'
import { fitFiles, withHints } from '../fit-columns.ts'
import { closeLanes, openLanes, type Lanes } from '../lanes.ts'
import { otherTables } from '../other-tables.ts'
import { changedRows } from '../refuse-changed.ts'
import { growLayout, layoutBefore } from '../target-layout.ts'
import { findRows, type FoundRows } from './find-rows.ts'
import { prepareRows } from './prepare-rows.ts'
import { judgeRows, type JudgedRows, type RowsSettings } from './judge-rows.ts'
import { loadRows, type LoadableRows } from './load-rows.ts'
import { outcomeOf, refused, type QuarantineItem, type RecordOutcome } from './quarantine-item.ts'
import { readContractNow } from './read-contract-now.ts'
import type { SettleContext } from './settle-quarantine.ts'
import { byAge, yieldTo } from './yield-to.ts'

/** Records of one entry: what a replay holds in memory, and what a person waits for, stays small. */
const RECORDS_PER_ENTRY = 64

/** Judges records of rejected rows again (or lets them through) and loads what is good. */
export async function settleRows(
  items: readonly QuarantineItem[],
  versions: ReadonlyMap<FileVersionId, readonly FileRecord[]>,
  context: SettleContext,
): Promise<readonly RecordOutcome[]> {
  const { request, source, effects } = context
  const outcomes: RecordOutcome[] = []
  const ready: FoundRows[] = []
  for (const item of items) {
    const version = versions.get(item.file)?.find((each) => each.id === item.file)
    if (version === undefined) continue
    try {
      ready.push(await findRows(item, version, source, request.acceptEdits === true, effects))
    } catch (error) {
      if (!isTidegateError(error)) throw error
      outcomes.push(refused(item, error))
    }
  }
  if (ready.length === 0) return outcomes
  const lanes = await openLanes(effects)
  try {
    let { lastSeq } = context
    for (const group of byAge(ready, ({ version }) => version.seq, source.target)) {
      const seq = group[0]?.version.seq ?? 0
      const stays = yieldTo([...versions.values()].flat(), seq, source.target)
      for (let start = 0; start < group.length; start += RECORDS_PER_ENTRY) {
        const some = group.slice(start, start + RECORDS_PER_ENTRY)
        const settled = await settleSome(some, lanes, { ...context, lastSeq, yieldTo: stays })
        outcomes.push(...settled.outcomes)
        lastSeq = settled.lastSeq
      }
    }
  } finally {
    await closeLanes(lanes)
  }
  return outcomes
}

export interface RowsContext extends SettleContext {
  /** See `SettleRequest.yieldTo`. */
  readonly yieldTo: ReadonlySet<FileVersionId> | undefined
}

interface Settled {
  readonly outcomes: readonly RecordOutcome[]
  readonly lastSeq: number
}

/** Judges some records and, unless this only looks, loads what is good of them with one entry. */
async function settleSome(some: readonly FoundRows[], lanes: Lanes, context: RowsContext): Promise<Settled> {
  const { source, dataset, destination, request, lastSeq, effects } = context
  const { signal } = effects
  const [session] = lanes
  const contract = await readContractNow(source, dataset, request.action, effects)
  const isRelease = request.action === 'release'
  if (request.action === 'replay' && request.dryRun !== true && contract !== undefined) {
    const firstUsedMs = effects.clock.nowMs()
    const use = { source: source.name, dataset, firstUsedMs, run: context.run }
    await effects.ledger.recordContract(contractVersion(contract, use))
  }
  await using folder = await effects.openWorkFolder(`${context.run}-replay`)
  const asked = isRelease ? undefined : contract
  await using others = await otherTables(asked, destination, new Set(), { session, scratch: folder.path }, effects)
  const settings: RowsSettings = {
    contract: asked === undefined ? undefined : withHints(asked, dataset, source),
    policy: resolveGate({}, source.gate.source, contract?.gate ?? {}, source.gate.defaults),
    tables: others.tables,
    nowMs: effects.clock.nowMs(),
    signal,
  }
  const outcomes: RecordOutcome[] = []
  const loadable: LoadableRows[] = []
  const current = (await destination.currentSchema())?.columns ?? []
  let layout = layoutBefore(current, source)
  for (const [index, found] of some.entries()) {
    const prepared = await prepareRows(found, { source, contract, workFolder: folder.path, index }, session, effects)
    if (prepared.rowsRead > found.item.rows) {
      outcomes.push(moreRows(found.item, prepared.rowsRead))
      continue
    }
    const [fitted] = fitFiles([{ file: prepared }], { source, contract, dataset: current })
    const judged = await judgeRows(fitted?.file ?? prepared, found.before, settings, session)
    const step = growLayout(layout, contract, judged.file.columns, source)
    const reasons = step.kind === 'refused' ? [...judged.reasons, step.reason] : judged.reasons
    if (step.kind === 'refused' || judged.file.rowsRead === judged.rejectedRows) {
      outcomes.push(outcomeOf(found.item, 'stays', { reasons }))
      continue
    }
    const changed = await changedRows(`(${judged.good}) AS good`, judged.file.columns, session, signal)
    if (changed !== undefined) {
      outcomes.push(outcomeOf(found.item, 'stays', { reasons: [...judged.reasons, changed] }))
      continue
    }
    layout = step.layout
    loadable.push({ found, judged })
  }
  if (loadable.length === 0) return { outcomes, lastSeq }
  if (request.dryRun === true) {
    const planned = loadable.map(({ found, judged }) => planOutcome(found.item, judged))
    return { outcomes: [...outcomes, ...planned], lastSeq }
  }
  const loaded = await loadRows(loadable, layout, contract, session, context)
  return { outcomes: [...outcomes, ...loaded.outcomes], lastSeq: loaded.lastSeq }
}

function planOutcome(item: QuarantineItem, { file, rejectedRows, reasons }: JudgedRows): RecordOutcome {
  const rows = file.rowsRead
  return outcomeOf(item, rejectedRows === 0 ? 'loaded' : 'partly', {
    rowsLoaded: rows - rejectedRows,
    rowsRejected: rejectedRows,
    rowsDiscarded: item.rows - rows,
    reasons,
  })
}

function moreRows(item: QuarantineItem, rows: number): RecordOutcome {
  return outcomeOf(item, 'refused', {
    problem: {
      code: 'QUARANTINE_MORE_ROWS',
      message: `${item.id} held ${item.rows} rows, and its file has ${rows} now`,
      hint: 'Rows are corrected or taken out here, never added: new rows come in a file of the source.',
    },
  })
}
