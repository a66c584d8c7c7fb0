import {
  codeOf,
  isTidegateError,
  type Contract,
  type FileRecord,
  type FileVersionId,
  type LedgerEntry,
  type Reason,
} from '@tidegate/core'
import { folderOf } from '../dataset-of.ts'
import type { ContractFile, PipelineEffects } from '../effects.ts'
import type { FileReport } from '../file-report.ts'
import { unitReason } from '../hold-together.ts'
import { openInspection } from '../inspect-pages.ts'
import type { PlannedBatch } from '../plan-batches.ts'
import type { BatchSettings } from '../attempt-batch.ts'
import { processBatch } from '../process-batch.ts'
import { knowledgeOf } from '../knowledge.ts'
import { openRepairDesk } from '../repair-desk.ts'
import { sharedLock } from '../shared-lock.ts'
import { findHeld, type FoundFile } from './find-held.ts'
import { outcomeOf, refused, type QuarantineItem, type RecordOutcome } from './quarantine-item.ts'
import { readContractNow } from './read-contract-now.ts'
import { redirectHeld } from './redirect-held.ts'
import { rehearse } from './rehearse.ts'
import type { SettleContext } from './settle-quarantine.ts'
import { byAge, yieldTo } from './yield-to.ts'

const FILES_PER_BATCH = 64

/** Judges held files again as a whole, as the contract is now, and loads those that are good now. */
export async function settleFiles(
  items: readonly QuarantineItem[],
  versions: ReadonlyMap<FileVersionId, readonly FileRecord[]>,
  entries: ReadonlyMap<number, LedgerEntry>,
  context: SettleContext,
): Promise<{ readonly outcomes: readonly RecordOutcome[]; readonly lastSeq: number }> {
  const { source, request, dataset, destination, run, fence } = context
  const outcomes: RecordOutcome[] = []
  const found = new Map<FileVersionId, FoundFile>()
  for (const item of items) {
    const entry = entries.get(item.seq)
    if (entry === undefined) continue
    try {
      const file = await findHeld(item, entry, versions.get(item.file) ?? [], source, context.effects)
      found.set(file.work.version.id, file)
    } catch (error) {
      if (!isTidegateError(error)) throw error
      outcomes.push(refused(item, error))
    }
  }
  if (found.size === 0) return { outcomes, lastSeq: context.lastSeq }
  const isRelease = request.action === 'release'
  const isUnit = source.ready.unit === 'folder' && !isRelease
  if (isUnit) outcomes.push(...(await partedUnits(found, context)))
  if (found.size === 0) return { outcomes, lastSeq: context.lastSeq }
  if (!isRelease) await readContractNow(source, dataset, request.action, context.effects)
  const remark: Reason | undefined = isRelease
    ? { check: 'QUARANTINE_RELEASED', severity: 'warning', message: request.note ?? 'a person let it through' }
    : undefined
  const dryRun = request.dryRun === true
  const redirected = redirectHeld(dryRun ? rehearse(destination) : destination, context.effects.ledger, {
    lastSeq: context.lastSeq,
    found,
    remark,
    dryRun,
    yieldTo: (staged) => {
      const seqs = [...staged].flatMap((id) => found.get(id)?.item.seq ?? [])
      return yieldTo([...versions.values()].flat(), Math.min(...seqs), source.target)
    },
  })
  const effects: PipelineEffects = { ...context.effects, ledger: redirected.ledger }
  if (isRelease) effects.readContract = releasing(context.effects.readContract)
  const all = [...found.values()].map(({ work }) => work.version)
  const knowledge = knowledgeOf(source.name, { versions: new Map() }, undefined, effects.ledger)
  // A repair writes a file.
  const repairs = dryRun ? undefined : openRepairDesk({ source, run, knowledge, fresh: all }, effects)
  const settings: BatchSettings = {
    // Nothing is learned from what was held (invariant 11).
    source: {
      ...source,
      onMissingContract: isRelease ? 'admit' : source.onMissingContract === 'admit' ? 'admit' : 'hold',
    },
    run,
    fence,
    gateFlag: isRelease ? { on_fail: 'split', threshold: 100 } : {},
    work: new Map(
      Array.from(found, ([id, { work }]) => [id, isUnit ? { ...work, unit: folderOf(work.version.path) } : work]),
    ),
    engine: sharedLock(),
    repairs,
    inspect: openInspection(source.verify, effects).pages,
    stop: () => {},
    watermark: () => {},
  }
  const reports: FileReport[] = []
  // A second commit would take away what the first one brought.
  const perBatch = source.target.mode === 'replace' || isUnit ? all.length : FILES_PER_BATCH
  for (const group of byAge(all, ({ id }) => found.get(id)?.item.seq ?? 0, source.target)) {
    for (let start = 0; start < group.length; start += perBatch) {
      const files = group.slice(start, start + perBatch)
      const batch: PlannedBatch = { batch: effects.newId(), attempt: 1, dataset, files }
      reports.push(...(await processBatch(batch, redirected.destination, settings, effects)))
    }
  }
  await repairs?.clear(
    new Set(reports.flatMap((report) => (report.status === 'loaded' ? (report.repair?.path ?? []) : []))),
  )
  const byPath = new Map(reports.map((report) => [report.path, report]))
  for (const { item, work } of found.values())
    outcomes.push(
      outcomeOfReport(item, byPath.get(work.version.path), dryRun ? null : redirected.newRecord(work.version.id)),
    )
  return { outcomes, lastSeq: redirected.lastSeq() }
}

/**
 * Files whose folder is loaded as a whole or not at all, and has another one that is held and was not asked for. They are
 * taken out of `found`. A person who releases a file decides over that, too.
 */
async function partedUnits(
  found: Map<FileVersionId, FoundFile>,
  { source, destination, effects }: SettleContext,
): Promise<readonly RecordOutcome[]> {
  const paths = new Set(Array.from(found.values(), ({ work }) => work.version.path))
  const folders = new Set(Array.from(paths, folderOf))
  const locations = new Set([destination.location])
  const knowledge = knowledgeOf(source.name, { versions: new Map() }, locations, effects.ledger)
  const beside = await knowledge.find((path) => folders.has(folderOf(path)) && !paths.has(path))
  const culprits = new Map<string, string>()
  for (const [path, versions] of beside) if (versions.at(-1)?.outcome === 'held') culprits.set(folderOf(path), path)
  const outcomes: RecordOutcome[] = []
  for (const [id, { item, work }] of found) {
    const culprit = culprits.get(folderOf(work.version.path))
    if (culprit === undefined) continue
    found.delete(id)
    outcomes.push(outcomeOf(item, 'stays', { rowsRejected: item.rows, reasons: [unitReason(culprit)] }))
  }
  return outcomes
}

/** Of the contract only what a table cannot do without: the types, and how a text is read. */
function releasing(readContract: PipelineEffects['readContract']): PipelineEffects['readContract'] {
  return async (file, source): Promise<ContractFile> => {
    const found = await readContract(file, source)
    if (found.kind !== 'ok') return { kind: 'missing', file }
    const contract = withoutRules(found.contract)
    return contract === undefined ? { kind: 'missing', file } : { ...found, contract }
  }
}

function withoutRules({ file: _file, ...contract }: Contract): Contract | undefined {
  const columns = Object.entries(contract.schema.columns)
  if (columns.length === 0 && contract.read === undefined) return undefined
  const relaxed = columns.map(([name, column]) => [name, { ...column, nullable: true, required: false }] as const)
  return { ...contract, schema: { ...contract.schema, columns: Object.fromEntries(relaxed) }, expectations: [] }
}

function outcomeOfReport(
  item: QuarantineItem,
  report: FileReport | undefined,
  newRecord: string | null,
): RecordOutcome {
  if (report === undefined) return outcomeOf(item, 'stays')
  const { rowsRead, rowsLoaded, rowsQuarantined: rowsRejected, rowsDropped, reasons, batch } = report
  const counts = { rowsRead, rowsLoaded, rowsRejected, rowsDropped, reasons }
  switch (report.status) {
    case 'loaded':
      return outcomeOf(item, rowsRejected === 0 ? 'loaded' : 'partly', { ...counts, batch, newRecord })
    case 'held':
      return outcomeOf(item, 'stays', { rowsRead, rowsRejected: rowsRead, reasons })
    default: {
      const [reason] = reasons
      const problem = { code: reason?.check ?? 'FAILED', message: reason?.message ?? 'it could not be judged' }
      return outcomeOf(item, 'refused', { reasons, problem })
    }
  }
}

/** Whether it is worth deciding anew: others wrote to the log after the decision was made. */
export function isOvertaken(error: unknown): boolean {
  return ['LEDGER_CONFLICT', 'QUARANTINE_OVERTAKEN'].includes(codeOf(error) ?? '')
}
