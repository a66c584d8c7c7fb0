import type { Diagnosis, FileRepair, Finding, FindingCode, Reason, SourceConfig } from '@tidegate/core'
import type { RepairReport, RepairSummary } from '@tidegate/parquet'

export type RepairDecision =
  /** Write the repaired file. */
  | { readonly kind: 'apply' }
  /** Nothing is wrong with the file as far as a repair could tell. */
  | { readonly kind: 'intact' }
  | { readonly kind: 'hold'; readonly reasons: readonly Reason[] }

/**
 * What `repair:` allows of a plan. Without a person only what is proven or strong is loaded; `lossless` takes a plan that
 * leaves nothing out, cell by cell. Pure.
 *
 * @param seen why the file was not read as it is; said where the plan has no finding of its own
 */
export function decideRepair(
  plan: RepairSummary,
  policy: Exclude<SourceConfig['repair'], 'off'>,
  seen: readonly Reason[],
): RepairDecision {
  if (plan.kind === 'unchanged') return { kind: 'intact' }
  const reasons = reasonsOf(plan.findings, seen)
  if (plan.kind === 'refused') return { kind: 'hold', reasons: [...reasons, ...refusal(plan, reasons)] }
  if (plan.confidence !== 'proven' && plan.confidence !== 'strong') {
    const message = `what a repair would bring back is only ${plan.confidence}: ${list(plan.doubts)}`
    return { kind: 'hold', reasons: [...reasons, { check: 'REPAIR_REFUSED', severity: 'warning', message }] }
  }
  if (policy === 'lossy' || isLossless(plan)) return { kind: 'apply' }
  const message = `repair: lossy would load ${describeGain(plan)}`
  return { kind: 'hold', reasons: [...reasons, { check: 'REPAIR_IS_LOSSY', severity: 'warning', message }] }
}

/** Whether a finding of this file can be one that a repair answers; anything else is not worth starting one. */
export function mayBeRepaired({ findings, verdict }: Diagnosis): boolean {
  if (verdict === 'encrypted' || findings.some(({ code }) => NEVER.has(code))) return false
  return findings.some((found) => isBad(found) && found.code < 'PQ500')
}

/** Empty, too short, another format, encrypted. */
const NEVER: ReadonlySet<FindingCode> = new Set(['PQ101', 'PQ102', 'PQ103', 'PQ112', 'PQ113'])

/** What the ledger says of a repair. `path` is below the folder of repaired files. */
export function repairRecord(report: RepairReport, path: string): FileRepair {
  const { summary } = report
  const { confidence, totals } = summary
  if (report.outSha256 === undefined || confidence === 'rejected')
    throw new Error(`no repaired file of ${report.source}`)
  return {
    status: report.status === 'partial' || !isLossless(summary) ? 'partial' : 'repaired',
    sourceSha256: report.sourceSha256,
    repairedSha256: report.outSha256,
    path,
    codes: codesOf(summary),
    confidence,
    rowsLost: totals.rowsLost,
    cellsNulled: totals.cellsNulled,
  }
}

/** What stands beside the verdict of a file that was read repaired. */
export function repairNote(report: RepairReport, repair: FileRepair): Reason {
  const what = report.summary.steps.map((step) => step.what)
  const gain = repair.status === 'partial' ? `; ${describeGain(report.summary)} came back` : '; nothing was lost'
  return { check: repair.codes[0] ?? 'PQ606', severity: 'warning', message: `read repaired: ${list(what)}${gain}` }
}

/** The findings that keep a file from being read, the first of them with their places; of the others it says how many. */
export function reasonsOf(findings: readonly Finding[], otherwise: readonly Reason[] = []): readonly Reason[] {
  const bad = findings.filter((found) => isBad(found))
  if (bad.length === 0) return otherwise
  const reasons = bad.slice(0, REASONS).map((found) => reasonOf(found))
  const more = bad[REASONS]
  if (more === undefined) return reasons
  const message = `and ${count(bad.length - REASONS, 'more finding')}; tidegate validate-source --level pages names all`
  return [...reasons, { check: more.code, severity: 'critical', message }]
}

const REASONS = 20

export function reasonOf(found: Finding): Reason {
  const place = placeOf(found)
  const message = place === '' ? found.message : `${found.message.replace(/\.$/, '')} (${place})`
  return { check: found.code, severity: 'critical', message }
}

/** Row group, column, page and rows, as far as the finding has them. */
function placeOf({ where }: Finding): string {
  if (where?.rowGroup === undefined) return ''
  const { rowGroup, column, page, rows } = where
  return [
    `row group ${rowGroup}`,
    ...(column === undefined ? [] : [`column ${column}`]),
    ...(page === undefined ? [] : [`page ${page}`]),
    ...(rows === undefined ? [] : [`rows ${number(rows[0])} to ${number(rows[1] - 1)}`]),
  ].join(', ')
}

function refusal({ doubts, findings }: RepairSummary, reasons: readonly Reason[]): readonly Reason[] {
  const said = new Set(reasons.map((reason) => reason.message))
  const why = [...findings.filter((found) => !isBad(found)).map((found) => found.message), ...doubts]
  const news = why.filter((message) => !said.has(message))
  const message = news.length === 0 ? 'a repair was tried and brings nothing back' : `no repair: ${list(news)}`
  return [{ check: 'REPAIR_REFUSED', severity: 'warning', message }]
}

/** Rows that were seen and left out; all there were where their number is known, and else at least these. */
export function rowsLeftOut({ totals, loss }: RepairSummary): number {
  if (totals.rowsLost !== 'unknown') return totals.rowsLost
  return loss.reduce(
    (sum, { wrote, rows }) => sum + (wrote === 'left-out' && rows !== undefined ? rows[1] - rows[0] : 0),
    0,
  )
}

function isLossless({ lossless, totals, loss }: RepairSummary): boolean {
  return lossless && totals.rowsLost === 0 && totals.cellsNulled === 0 && loss.length === 0
}

/** `81,920 of 100,000 rows, 1,204 cells of them NULL`. */
function describeGain(plan: RepairSummary): string {
  const { rowsRecovered, rowsLost, cellsNulled } = plan.totals
  const seen = rowsLeftOut(plan)
  const ofHowMany = seen === 0 ? 'nobody knows of how many' : `of ${number(rowsRecovered + seen)} or more`
  const rows =
    rowsLost === 'unknown'
      ? `${count(rowsRecovered, 'row')} (${ofHowMany})`
      : rowsLost === 0
        ? `all ${count(rowsRecovered, 'row')}`
        : `${number(rowsRecovered)} of ${count(rowsRecovered + rowsLost, 'row')}`
  return cellsNulled === 0 ? rows : `${rows}, ${count(cellsNulled, 'cell')} of them NULL`
}

function codesOf({ steps, findings }: RepairSummary): readonly FindingCode[] {
  const bad = findings.filter((found) => isBad(found)).map((found) => found.code)
  return [...new Set([...bad, ...steps.map((step) => step.code)])]
}

function isBad({ severity }: Finding): boolean {
  return severity === 'error' || severity === 'fatal'
}

const LISTED = 3

function list(sentences: readonly string[]): string {
  const shown = sentences.slice(0, LISTED).map((sentence) => sentence.replace(/\.$/, ''))
  const more = sentences.length - shown.length
  return [...shown, ...(more > 0 ? [`and ${number(more)} more`] : [])].join('; ')
}

function count(amount: number, noun: string): string {
  return `${number(amount)} ${amount === 1 ? noun : `${noun}s`}`
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}
