import type { MachineFacts } from './machine-facts.ts'
import type { ResultRow, Unit } from './result-row.ts'

const HEAD = ['what', 'ours', 'bare', 'ratio', 'bar', 'verdict', 'note'] as const

/** The table as Markdown, so that it can be pasted into a page as it is. */
export function renderTable(rows: readonly ResultRow[], machine: MachineFacts, command: string): string {
  const cells = rows.map((row) => [
    row.what,
    amount(row.ours, row.unit),
    row.bare === null ? '' : amount(row.bare, row.unit),
    row.ratio === null ? '' : `${row.ratio.toFixed(2)} ×`,
    row.bar,
    row.verdict,
    row.note ?? '',
  ])
  const widths = HEAD.map((head, column) => Math.max(head.length, ...cells.map((line) => line[column]?.length ?? 0)))
  const line = (texts: readonly string[]): string =>
    `| ${texts.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`
  return [
    `${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB · Node ${machine.node} · DuckDB ${machine.duckdb} (${machine.engineThreads} threads, ${machine.engineMemoryMiB} MiB)`,
    '',
    line(HEAD),
    rule,
    ...cells.map((row) => line(row)),
    '',
    `Again: ${command}`,
    '',
  ].join('\n')
}

function amount(value: number, unit: Unit): string {
  const digits = unit === 's' || unit === 'MB' ? 1 : 0
  return `${value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${unit}`
}
