import type { Cell, CheckResult, QueryOptions, Session } from '@tidegate/core'
import { parseCaptured, shownRows, shownValues, type CapturedRow } from './capture-record.ts'
import type { CheckPlan, PlannedCheck, PlannedQuery } from '../plan/check-plan.ts'
import type { SensitiveColumns } from '../compile/compiled-contract.ts'
import { fetchComplete } from './fetch-complete.ts'
import { recordsOf } from '../plan/plan-capture.ts'
import { noMeasurements, type Measurements } from './run-query.ts'
import { sampleUnexpected, type WantedSample } from './sample-unexpected.ts'
import type { FailingValues } from '../value-tests/value-test.ts'

export interface UnexpectedPlace {
  readonly session: Session
  readonly plan: CheckPlan
  readonly queries: readonly PlannedQuery[]
  /** Holds the samples already where the scan that counted made them. */
  readonly measurements: Measurements
  readonly failingValues: FailingValues
  /** Values per check and file that are shown. */
  readonly limit: number
  readonly sensitive: SensitiveColumns
  readonly query: QueryOptions
}

/** Results of the files of the plan, in its order, each by check id. */
export type Judged = readonly Map<string, CheckResult>[]

/** Adds unexpected values and rows to the results that have some. Data that passes pays nothing for it. */
export async function attachUnexpected(judged: Judged, place: UnexpectedPlace): Promise<void> {
  const { plan, limit } = place
  const wanted = plan.checks.filter((check) => isWanted(check, judged, place))
  if (wanted.length === 0) return
  const partial: PlannedCheck[] = []
  for (const check of wanted) {
    const rows = plan.capture.complete && check.rowLevel ? await fetchComplete(check, place) : undefined
    if (rows === undefined) partial.push(check)
    else attachComplete(check, rows, judged, place)
  }
  if (limit === 0) return
  const samples = await samplesOf(partial, judged, place)
  for (const check of partial) attachPartial(check, samples.values.get(check.metrics['sample'] ?? ''), judged, place)
}

/** Single values of a dropped column are not even asked for, unless it is their rows that are. */
function isWanted(check: PlannedCheck, judged: Judged, { plan, sensitive }: UnexpectedPlace): boolean {
  if (check.metrics['sample'] === undefined || plan.capture.when === 'never') return false
  const isDropped = check.columns.length > 0 && check.columns.every((column) => sensitive.get(column) === 'drop')
  if (isDropped && !plan.capture.rows) return false
  return judged.some((results) => unexpectedIn(results.get(check.id)) > 0)
}

async function samplesOf(
  checks: readonly PlannedCheck[],
  judged: Judged,
  place: UnexpectedPlace,
): Promise<Measurements> {
  const samples = noMeasurements()
  const captured = capturedSamples(place)
  const wanted = new Map<string, WantedSample>()
  for (const check of checks) {
    const files = judged.flatMap((results) => {
      const result = results.get(check.id)
      return unexpectedIn(result) > 0 ? [{ rows: result?.elementCount, unexpected: unexpectedIn(result) }] : []
    })
    const key = check.metrics['sample'] ?? ''
    const found = captured.get(key)
    if (found !== undefined && isEnough(check, found, judged, place)) samples.values.set(key, found)
    else wanted.set(key, { files })
  }
  await sampleUnexpected(place.session, place.plan, place.queries, wanted, samples, place.query)
  return samples
}

/** What the scans that counted kept: key of the sample → key of the file → records. */
function capturedSamples({ plan, queries, measurements }: UnexpectedPlace): ReadonlyMap<string, Map<string, Cell>> {
  const found = new Map<string, Map<string, Cell>>()
  for (const { select } of queries) {
    for (const { key: capture, captured = [] } of select) {
      const cells = measurements.values.get(capture)
      if (cells === undefined) continue
      for (const sample of captured)
        found.set(
          sample.key,
          new Map([...cells].map(([file, cell]) => [file, recordsOf(cell, sample, plan.capture.values)])),
        )
    }
  }
  return found
}

/** As many in every file as it has to show: the first rows of any check hold the first ones of each. */
function isEnough(
  check: PlannedCheck,
  found: ReadonlyMap<string, Cell>,
  judged: Judged,
  { plan }: UnexpectedPlace,
): boolean {
  return plan.files.every(({ key }, index) => {
    const records = found.get(key)
    const length = Array.isArray(records) ? records.length : 0
    return length >= Math.min(plan.capture.values, unexpectedIn(judged[index]?.get(check.id)))
  })
}

function unexpectedIn(result: CheckResult | undefined): number {
  return result?.unexpectedCount ?? 0
}

function attachPartial(
  check: PlannedCheck,
  cells: ReadonlyMap<string, Cell> | undefined,
  judged: Judged,
  { plan, limit, sensitive }: UnexpectedPlace,
): void {
  for (const [index, { key: file }] of plan.files.entries()) {
    const result = judged[index]?.get(check.id)
    const cell = cells?.get(file)
    if (result === undefined || !Array.isArray(cell) || cell.length === 0 || unexpectedIn(result) === 0) continue
    if (!check.rowLevel) {
      // The sample of groups, or of a definition that is not about rows: values alone.
      const values = (parsedValues(cell) ?? (cell as readonly Cell[])).slice(0, limit)
      judged[index]?.set(check.id, { partialUnexpected: shownValues(check, values, sensitive), ...result })
      continue
    }
    const rows = (parseCaptured(cell, plan.capture) ?? []).slice(0, limit)
    judged[index]?.set(check.id, { ...result, ...firstOf(check, file, rows, plan, sensitive) })
  }
}

function parsedValues(cell: readonly Cell[]): readonly Cell[] | undefined {
  const isRecord = (item: Cell): boolean =>
    item !== null && typeof item === 'object' && 'row' in item && 'value' in item
  return cell.every(isRecord) ? (cell as readonly { readonly value: Cell }[]).map((item) => item.value) : undefined
}

function attachComplete(
  check: PlannedCheck,
  byFile: ReadonlyMap<string, readonly CapturedRow[]>,
  judged: Judged,
  { plan, limit, sensitive }: UnexpectedPlace,
): void {
  for (const [index, { key: file }] of plan.files.entries()) {
    const result = judged[index]?.get(check.id)
    const rows = byFile.get(file)
    if (result === undefined || rows === undefined) continue
    judged[index]?.set(check.id, {
      ...result,
      ...(limit > 0 ? firstOf(check, file, rows.slice(0, limit), plan, sensitive) : {}),
      unexpected: shownValues(
        check,
        rows.map((row) => row.value),
        sensitive,
      ),
      unexpectedRows: shownRows(file, rows, plan.capture, sensitive),
    })
  }
}

function firstOf(
  check: PlannedCheck,
  file: string,
  rows: readonly CapturedRow[],
  { capture }: CheckPlan,
  sensitive: SensitiveColumns,
): Pick<CheckResult, 'partialUnexpected' | 'partialUnexpectedRows'> {
  const isDropped = check.columns.length > 0 && check.columns.every((column) => sensitive.get(column) === 'drop')
  const values = shownValues(
    check,
    rows.map((row) => row.value),
    sensitive,
  )
  return {
    ...(check.showsValues && !isDropped ? { partialUnexpected: values } : {}),
    ...(capture.rows ? { partialUnexpectedRows: shownRows(file, rows, capture, sensitive) } : {}),
  }
}
