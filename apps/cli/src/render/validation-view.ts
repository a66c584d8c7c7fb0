import type { JsonValue } from '@tidegate/core'
import { scoreText, type GxExpectationResult, type ValidationResult } from '@tidegate/dq'
import { cellText } from './cell-text.ts'
import { formatAmount, formatCount } from './format.ts'
import { shellWord, type ViewContext } from './ingest-view.ts'
import { safeText } from './safe-text.ts'
import { renderTable } from './table.ts'

/** Failed checks whose rows are shown; the table names all of them. */
const MAX_SHOWN = 10
const MAX_ROWS = 5

export interface ValidationAsked {
  readonly suite?: string
  readonly data?: readonly string[]
  readonly explain?: boolean
}

/** The verdict, what failed with examples, and the next command. */
export function renderValidation(result: ValidationResult, asked: ValidationAsked, context: ViewContext): string {
  const { style } = context
  const { statistics, meta } = result
  const failed = result.results.filter((item) => !item.success)
  const verdict = result.success ? style.ok('passed') : style.bad('failed')
  const blocks = [
    `${style.bold('Verdict: ')}${verdict}, ${formatCount(statistics.successful_expectations)} of ${formatAmount(statistics.evaluated_expectations, 'check')} passed` +
      `\n${style.dim(`suite ${safeText(result.suite_name)}, ${safeText(meta.tidegate.data)}; ${evidence(result)}`)}` +
      scoreLine(result),
  ]
  if (failed.length > 0) blocks.push(failedTable(failed, context))
  for (const item of failed.slice(0, MAX_SHOWN)) {
    const example = examples(item, context)
    if (example !== '') blocks.push(example)
  }
  if (failed.length > MAX_SHOWN)
    blocks.push(
      style.dim(`… and ${formatAmount(failed.length - MAX_SHOWN, 'failed check')} more; --output json has all`),
    )
  if (asked.explain === true) blocks.push(planTable(meta.tidegate.plan, context))
  blocks.push([style.bold('Next'), ...nextCommands(failed, asked).map((line) => `  ${line}`)].join('\n'))
  return blocks.join('\n\n')
}

/** `Score 66.66: completeness 100 (3), validity 50 (4)`, rounded down, with the numbers of checks. */
function scoreLine({ meta }: ValidationResult): string {
  const { overall, by_dimension } = meta.tidegate.scores
  if (overall.score === null) return ''
  const parts = Object.entries(by_dimension).map(([dimension, score]) => `${dimension} ${scoreText(score)}`)
  return `\nScore ${scoreText(overall).replace(/ .*/, '')}: ${parts.join(', ')}`
}

function evidence({ meta }: ValidationResult): string {
  const { metadata, schema, scan } = meta.tidegate.proved_by
  return [
    `${formatCount(scan)} answered by the rows`,
    ...(metadata > 0 ? [`${formatCount(metadata)} by Parquet footers`] : []),
    ...(schema > 0 ? [`${formatCount(schema)} by the columns alone`] : []),
  ].join(', ')
}

function failedTable(failed: readonly GxExpectationResult[], { style, width }: ViewContext): string {
  const notes = failed.map((item) => item.meta.tidegate)
  return renderTable({
    width,
    paintHeader: (text) => style.dim(text),
    columns: [
      {
        title: 'outcome',
        paint: (text, row) => (notes[row]?.severity === 'critical' ? style.bad(text) : style.warn(text)),
      },
      { title: 'severity' },
      { title: 'check', min: 20, cut: 'middle' },
      { title: 'why', min: 30 },
    ],
    rows: notes.map((note) => [
      note.outcome,
      note.severity,
      note.id,
      note.code === undefined ? note.message : `${note.code}: ${note.message}`,
    ]),
  })
}

/** Rows where there are index columns or whole rows, else values with their number. */
function examples(item: GxExpectationResult, { style, width }: ViewContext): string {
  const { result } = item
  const title = style.bold(safeText(item.meta.tidegate.id))
  const rows = listOf(result['unexpected_rows'] ?? result['partial_unexpected_index_list']).filter(isMap)
  if (rows.length > 0) {
    const names = Object.keys(rows[0] ?? {})
    const table = renderTable({
      width,
      indent: 2,
      paintHeader: (text) => style.dim(text),
      columns: names.map((name) => ({ title: name })),
      rows: rows.slice(0, MAX_ROWS).map((row) => names.map((name) => cellText(row[name]))),
    })
    return `${title}: ${Math.min(rows.length, MAX_ROWS)} of ${formatCount(Number(result['unexpected_count']))} rows\n${table}`
  }
  const counts = listOf(result['partial_unexpected_counts']).filter(isMap)
  const all = Number(result['unexpected_count'] ?? 0)
  // Counts of the values that were kept say nothing of the others.
  const kept =
    counts.length > 0
      ? counts.reduce((sum, { count }) => sum + Number(count), 0)
      : listOf(result['partial_unexpected_list']).length
  const isSample = kept < all
  const values =
    counts.length > 0
      ? counts.map((entry) => (isSample ? cellText(entry['value']) : countText(entry)))
      : listOf(result['partial_unexpected_list']).map(cellText)
  if (values.length === 0) return ''
  const more = values.length > MAX_ROWS ? ', …' : ''
  const said = isSample ? `${title}: ${formatAmount(all, 'row')}, for example` : `${title}:`
  return `${said} ${values.slice(0, MAX_ROWS).map(safeText).join(', ')}${more}`
}

function countText(entry: Readonly<Record<string, JsonValue | undefined>>): string {
  const count = Number(entry['count'])
  return count === 1 ? cellText(entry['value']) : `${cellText(entry['value'])} (${formatCount(count)} times)`
}

function planTable(plan: JsonValue | undefined, { style, width }: ViewContext): string {
  const { checks, queries } = isMap(plan) ? plan : {}
  const rows = listOf(checks).filter(isMap)
  // Samples are asked for only where something failed.
  const statements = listOf(queries).filter((query) => isMap(query) && query['kind'] !== 'sample')
  const titles = Object.keys(rows[0] ?? {})
  return [
    `${style.bold('Plan')}: ${formatCount(statements.length)} ${statements.length === 1 ? 'query' : 'queries'}`,
    renderTable({
      width,
      paintHeader: (text) => style.dim(text),
      columns: titles.map((title) => ({ title: titleText(title) })),
      rows: rows.map((row) => titles.map((title) => planText(row[title]))),
    }),
  ].join('\n')
}

/** `answeredBy` → `answered by` */
function titleText(name: string): string {
  return name.replaceAll(/[A-Z_]/g, (letter) => ` ${letter.replace('_', '').toLowerCase()}`)
}

function planText(value: JsonValue | undefined): string {
  if (value === null || value === undefined) return ''
  return Array.isArray(value) ? value.map(cellText).join(', ') : cellText(value)
}

function nextCommands(failed: readonly GxExpectationResult[], asked: ValidationAsked): readonly string[] {
  const again = `tidegate validate --suite ${shellWord(asked.suite ?? '')} --data ${(asked.data ?? []).map(shellWord).join(' ')}`
  const [error] = failed.flatMap((item) => item.meta.tidegate.code ?? [])
  if (failed.length === 0) return [`${again} -o json   the result as Great Expectations writes it`]
  return [
    ...(error === undefined ? [] : [`tidegate explain ${error}   what it means that a check could not be evaluated`]),
    `${again} --result-format COMPLETE --index-columns ID -o json   every failing row, by your key`,
  ]
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : []
}

function isMap(value: JsonValue | undefined): value is Readonly<Record<string, JsonValue | undefined>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
