import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { diagnose } from '../diagnose/diagnose.ts'
import { planRepair, type PlanRepairOptions } from '../repair/plan-repair.ts'
import type { Fix, RepairPlan } from '../repair/plan.ts'
import { countRows, joinRanges, overlapWith } from '../repair/pages/row-ranges.ts'
import { readFooter } from '../read-footer.ts'
import { runRepair } from '../repair/repair.ts'
import { verifyRepair } from '../repair/verify-repair.ts'
import { viewOf } from '../source/pieces.ts'
import { alignGroups } from './align-groups.ts'
import { bytesSource } from './byte-source.ts'
import { checkDiagnosis, type DiagnosisCheck } from './check-diagnosis.ts'
import { checkLoss, leavesOf, type LossCheck } from './check-loss.ts'
import { cellComparer, type CellComparer, type CellComparison, type PlacedRows } from './compare-cells.ts'
import type { Mutated, Truth } from './mutation.ts'
import type { SoundFile } from './sound-file.ts'
import type { SoundFiles } from './sound-files.ts'

export interface RepairCase extends Mutated {
  readonly file: SoundFile
  /** A sound file of the same table. */
  readonly sibling: SoundFile
}

export interface RepairOutcome {
  readonly status: 'unchanged' | 'repaired' | 'refused'
  readonly confidence: RepairPlan['confidence']
  readonly schemaFrom: RepairPlan['schemaFrom']
  /** Rows of physically intact row groups that came back whole ÷ all of these; 1 where there are none. */
  readonly salvage: number
  /** Cells of intact pages, in row groups that came back, that are as they were ÷ all of these. */
  readonly cells: number
  readonly falseCells: number
  readonly loss: LossCheck
  readonly diagnosis: DiagnosisCheck
  /** Sentences: a result that does not stand up, rows that nobody has, rows lost that are not said. */
  readonly faults: readonly string[]
  readonly doubts: readonly string[]
}

export interface RepairRunner {
  run(item: RepairCase): Promise<RepairOutcome>
}

/** What has to be asked for so that the repair does something about it. */
const FIXES: Readonly<Record<string, Fix>> = {
  'duplicate-column': 'names',
  'statistics-swapped': 'statistics',
  'statistics-null-count': 'statistics',
  'statistics-nan': 'statistics',
  'nulls-in-required': 'nulls-in-required',
  'invalid-utf8-plain': 'utf8-replace',
  'invalid-utf8-dictionary': 'utf8-replace',
  'invalid-utf8-delta-length': 'utf8-replace',
  'invalid-utf8-delta': 'utf8-replace',
  'timestamp-year-10000': 'timestamps',
  'timestamp-year-0000': 'timestamps',
  'timestamps-as-int96': 'int96',
  'int96-far-future': 'int96',
}

/** Diagnoses, plans, writes and verifies a repair, and compares its result with the original, cell by cell. */
export function repairRunner(files: SoundFiles): RepairRunner {
  const folder = mkdtempSync(join(files.folder, 'matrix-'))
  const comparer = cellComparer(files.session, folder)
  const siblings = new Map<SoundFile, string>()
  const siblingPath = (file: SoundFile): string => {
    const known = siblings.get(file)
    if (known !== undefined) return known
    const path = join(folder, `sibling-${siblings.size}`, 'sibling.parquet')
    mkdirSync(join(path, '..'))
    writeFileSync(path, file.bytes)
    siblings.set(file, path)
    return path
  }
  return {
    run: async (item) => {
      const fix = FIXES[item.truth.kind]
      const options: PlanRepairOptions = {
        schema: [{ sibling: siblingPath(item.sibling) }],
        ...(fix === undefined ? {} : { fix: [fix] }),
      }
      const place = { files, folder, comparer }
      // What is left of the cut file is a part of its own, whatever comes back of the other.
      if (item.truth.kind === 'cut-behind-other') return await runCase(item, { ...options, part: 2 }, place)
      const outcome = await runCase(item, options, place)
      if (item.truth.kind === 'other-joined-behind' && outcome.status === 'refused')
        return await runCase(item, { ...options, part: 1 }, place)
      // DuckDB reads no column with such a text, so nothing could be compared.
      const isText = fix === undefined && outcome.faults.some((fault) => fault.includes('UTF8'))
      return isText ? await runCase(item, { ...options, fix: ['utf8-replace'] }, place) : outcome
    },
  }
}

interface Place {
  readonly files: SoundFiles
  readonly folder: string
  readonly comparer: CellComparer
}

async function runCase(item: RepairCase, options: PlanRepairOptions, place: Place): Promise<RepairOutcome> {
  const { bytes, truth } = item
  const source = bytesSource(bytes)
  const diagnosis = checkDiagnosis(truth, 'values', await diagnose(source, { level: 'values', name: 'a.parquet' }))
  const plan = await planRepair(source, options)
  const made = await makeResult(item, plan, options, place)
  const { confidence, schemaFrom, doubts } = made.plan
  const common = { confidence, schemaFrom, doubts, diagnosis }
  if (made.result === undefined)
    return {
      ...common,
      status: 'refused',
      salvage: truth.intact.rows === 0 ? 1 : 0,
      cells: 1,
      falseCells: 0,
      loss: { unclaimed: 0, overclaimed: 0 },
      faults: made.faults,
    }
  const judged = await judgeResult(item, made.plan, made.result, place.comparer)
  const status = made.plan.kind === 'unchanged' ? 'unchanged' : 'repaired'
  return { ...common, status, ...judged, faults: [...made.faults, ...judged.faults] }
}

type PlanFacts = Pick<
  RepairPlan,
  'kind' | 'confidence' | 'schemaFrom' | 'doubts' | 'loss' | 'totals' | 'rowGroups' | 'rewrite'
>

interface Made {
  readonly plan: PlanFacts
  /** Undefined where nothing was written. */
  readonly result: Uint8Array | undefined
  readonly faults: readonly string[]
}

async function makeResult(
  { bytes }: RepairCase,
  plan: RepairPlan,
  options: PlanRepairOptions,
  { files, folder }: Place,
): Promise<Made> {
  if (plan.kind === 'refused') return { plan, result: undefined, faults: [] }
  if (plan.kind === 'unchanged') return { plan, result: bytes, faults: [] }
  if (plan.unpack !== undefined || plan.rewrite !== undefined) {
    const [damaged, out] = [join(folder, 'damaged.parquet'), join(folder, 'out.parquet')]
    for (const path of [out, `${out}.loss.json`]) rmSync(path, { force: true })
    writeFileSync(damaged, bytes)
    const report = await runRepair(damaged, out, { ...options, engine: { place: 'here' } })
    if (report.status !== 'refused') return { plan: report.summary, result: readFileSync(out), faults: [] }
    return { plan: report.summary, result: undefined, faults: [`refused: ${report.summary.doubts.at(-1)}`] }
  }
  const view = viewOf(bytesSource(bytes), plan.pieces)
  const result = await view.read(0, view.sizeBytes)
  const path = join(folder, 'verified.parquet')
  writeFileSync(path, result)
  const { ok, mismatches } = await verifyRepair(path, plan.rowGroups, { session: files.session })
  // What does not stand up gets no name.
  if (!ok) return { plan, result: undefined, faults: [`PQ606: ${mismatches[0]}`] }
  return { plan, result, faults: [] }
}

type Judged = Pick<RepairOutcome, 'salvage' | 'cells' | 'falseCells' | 'loss' | 'faults'>

async function judgeResult(
  { file, truth }: RepairCase,
  plan: PlanFacts,
  result: Uint8Array,
  comparer: CellComparer,
): Promise<Judged> {
  const { layout } = file
  const outcome = await readFooter(bytesSource(result))
  if (outcome.kind === 'bad') {
    const faults = plan.kind === 'unchanged' ? ['unchanged, and unreadable'] : ['the result has no footer']
    return { salvage: 0, cells: 0, falseCells: 0, loss: NOTHING_LOST, faults }
  }
  const { footer } = outcome
  const stated = plan.rowGroups.map(({ sourceRowGroup }) => sourceRowGroup)
  const aligned = alignGroups(file, result, footer, stated)
  // Rows that were encoded anew, or are in other row groups, are told by their order alone.
  const isNew = plan.rewrite !== undefined || (aligned.includes(undefined) && footer.rows === layout.rows)
  const groups = isNew ? [] : aligned
  const rows: PlacedRows[] = isNew ? [{ from: 0, to: footer.rows, original: 0 }] : []
  let from = 0
  for (const [index, group] of footer.rowGroups.entries()) {
    const first = groups[index] === undefined ? undefined : layout.rowGroups[groups[index]]?.firstRow
    if (first !== undefined) rows.push({ from, to: from + group.rows, original: first })
    from += group.rows
  }
  const faults: string[] = []
  const isForeign = groups.some((group) => group === undefined)
  if (isForeign && truth.kind !== 'joined-with-itself' && truth.kind !== 'other-joined-behind')
    faults.push('the result has row groups that are not of the original')
  if (rows.length === 0)
    return { salvage: truth.intact.rows === 0 ? 1 : 0, cells: 1, falseCells: 0, loss: NOTHING_LOST, faults }
  let compared: CellComparison
  try {
    compared = await comparer.compare(file, result, rows)
  } catch (error) {
    return {
      salvage: 0,
      cells: 0,
      falseCells: 0,
      loss: NOTHING_LOST,
      faults: [...faults, `DuckDB: ${String(error).slice(0, 200)}`],
    }
  }
  if (compared.rowsForeign > 0) faults.push(`${compared.rowsForeign} rows are not of the original`)
  const present = joinRanges(rows.map(({ from: low, to, original }) => ({ from: original, to: original + to - low })))
  const missing = layout.rows - countRows(present)
  const { rowsLost } = plan.totals
  if (rowsLost !== 'unknown' && rowsLost !== missing)
    faults.push(`${missing} rows are missing, ${rowsLost} are said to be`)
  const falseRows = compared.columns.flatMap((column) => column.false)
  const spoiled = joinRanges([...falseRows, ...compared.columns.flatMap(({ nulled }) => nulled)])
  let whole = 0
  for (const group of truth.intact.rowGroups) {
    const { firstRow, rows: count } = layout.rowGroups[group] ?? { firstRow: 0, rows: 0 }
    const span = { from: firstRow, to: firstRow + count }
    const there = countRows(overlapWith(span, present))
    whole += there - countRows(overlapWith(span, spoiled))
  }
  return {
    salvage: truth.intact.rows === 0 ? 1 : whole / truth.intact.rows,
    cells: cellSalvage(file, truth, compared, present, plan),
    falseCells: countRows(falseRows),
    loss: isNew ? NOTHING_LOST : checkLoss({ layout, truth, loss: plan.loss, compared, groups }),
    faults,
  }
}

const NOTHING_LOST: LossCheck = { unclaimed: 0, overclaimed: 0 }

/** A row group that lost its end is left out by default where there is no footer: its cells are not asked for. */
function cellSalvage(
  { layout }: SoundFile,
  { intact }: Truth,
  { columns }: CellComparison,
  present: Parameters<typeof overlapWith>[1],
  { schemaFrom }: PlanFacts,
): number {
  const spoiled = layout.leaves.map((_, leaf) =>
    joinRanges(
      columns
        .filter(({ path }) => leavesOf(layout, path).includes(leaf))
        .flatMap((column) => [...column.nulled, ...column.false]),
    ),
  )
  let cells = 0
  let saved = 0
  for (const { rowGroup, leaf, rows } of intact.pages) {
    const first = layout.rowGroups[rowGroup]?.firstRow ?? 0
    const span = { from: first + rows[0], to: first + rows[1] }
    const there = countRows(overlapWith(span, present))
    if (there === 0 && schemaFrom !== 'own-footer') continue
    cells += span.to - span.from
    saved += there - countRows(overlapWith(span, spoiled[leaf] ?? []))
  }
  return cells === 0 ? 1 : saved / cells
}
