import type { ReportDiff, Verdict } from '@tidegate/monitor'
import { formatCount, formatPercent, NONE } from '../format.ts'
import { safeText } from '../safe-text.ts'
import type { Style } from '../style.ts'
import { wrapLines } from '../wrap-lines.ts'
import { amount, renderRows, renderSection, type Canvas } from './section.ts'

const SIGNS: Readonly<Record<Verdict, string>> = { better: '✓', same: '=', worse: '✗' }

/** Two reports compared, for a terminal. */
export function renderDiff(diff: ReportDiff, style: Style, width: number): string {
  const canvas: Canvas = { style, width, nowMs: 0 }
  const paint = { better: style.ok, same: style.dim, worse: style.bad }
  const head = paint[diff.verdict](`${SIGNS[diff.verdict]} ${diff.verdict}: ${safeText(diff.summary)}`)
  const between = `From ${diff.before.generatedAt ?? NONE} to ${diff.after.generatedAt ?? NONE}.`
  const reasons = diff.reasons.map(({ verdict, text }) => `  ${paint[verdict](SIGNS[verdict])} ${safeText(text)}`)
  const sections = tablesOf(diff).map(({ title, columns, rows }) =>
    renderSection(canvas, title, amount(rows.length, 'change'), [
      renderRows(
        canvas,
        columns.map((name) => ({ title: name })),
        rows,
      ),
    ]),
  )
  return wrapLines([[head, style.dim(between), ...reasons].join('\n'), ...sections].join('\n\n'), width)
}

/** The same for a comment on a change. */
export function renderDiffMarkdown(diff: ReportDiff): string {
  const reasons = diff.reasons.map(({ verdict, text }) => `- ${SIGNS[verdict]} ${markdownText(text)}`)
  const tables = tablesOf(diff).map(({ title, columns, rows }) =>
    [
      `### ${title}`,
      '',
      `| ${columns.join(' | ')} |`,
      `|${columns.map(() => ' --- ').join('|')}|`,
      ...rows.map((row) => `| ${row.map((cell) => markdownText(cell)).join(' | ')} |`),
    ].join('\n'),
  )
  const head = `## Data quality: ${diff.verdict}\n\n${markdownText(diff.summary)}`
  return [head, reasons.join('\n'), ...tables].filter((part) => part !== '').join('\n\n')
}

interface DiffTable {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** Those that have something to say. */
function tablesOf(diff: ReportDiff): readonly DiffTable[] {
  const { causes, incidents } = diff
  const points = (value: number | null): string =>
    value === null ? NONE : `${value > 0 ? '+' : ''}${value.toFixed(1)}`
  const tables: readonly DiffTable[] = [
    {
      title: 'Health',
      columns: ['source', 'before', 'after', 'because'],
      rows: diff.health.map((item) => [item.source, item.before ?? NONE, item.after ?? NONE, item.because]),
    },
    {
      title: 'Score',
      columns: ['source', 'dataset', 'before', 'after', 'points'],
      rows: diff.scores.map((item) => [
        item.source ?? 'all',
        item.dataset ?? 'all',
        formatPercent(item.before),
        formatPercent(item.after),
        points(item.points),
      ]),
    },
    {
      title: 'Causes of failure',
      columns: ['', 'cause', 'source', 'dataset', 'before', 'after'],
      rows: (
        [
          ['new', causes.new],
          ['gone', causes.gone],
          ['changed', causes.changed],
        ] as const
      ).flatMap(([state, items]) =>
        items.map((item) => [
          state,
          item.code,
          item.source,
          item.dataset ?? NONE,
          formatCount(item.before),
          formatCount(item.after),
        ]),
      ),
    },
    {
      title: 'Incidents',
      columns: ['', 'severity', 'source', 'what'],
      rows: (
        [
          ['opened', incidents.opened],
          ['closed', incidents.closed],
        ] as const
      ).flatMap(([state, items]) => items.map((item) => [state, item.severity, item.source, item.title])),
    },
    {
      title: 'Freshness',
      columns: ['source', 'before', 'after', 'because'],
      rows: diff.freshness.map((item) => [item.source, item.before ?? NONE, item.after ?? NONE, item.because]),
    },
    {
      title: 'Volumes',
      columns: ['source', 'rows before', 'rows after', 'files before', 'files after', 'held before', 'held after'],
      rows: diff.volumes.map((item) => [
        item.source,
        ...[item.rowsBefore, item.rowsAfter, item.filesBefore, item.filesAfter, item.heldBefore, item.heldAfter].map(
          (value) => formatCount(value),
        ),
      ]),
    },
    {
      title: 'Schemas and contracts',
      columns: ['at', 'source', 'dataset', 'what'],
      rows: diff.schemas.map((item) => [
        item.at,
        item.source,
        item.dataset,
        `${item.breaking ? 'breaking: ' : ''}${item.text}`,
      ]),
    },
  ]
  return tables.filter(({ rows }) => rows.length > 0)
}

/** Names are data: nothing in them may become markup, a link or another cell. */
function markdownText(text: string): string {
  return safeText(text)
    .replaceAll(/[\\`*_{}[\]()#+!|~@-]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/\s+/g, ' ')
}
