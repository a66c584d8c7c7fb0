import { formatExpectation } from '@tidegate/dq'
import type { CheckReport, CheckedFile, CheckedGroup } from '@tidegate/pipeline'
import { cellText } from './cell-text.ts'
import { formatAmount, formatBytes, formatCount } from './format.ts'
import { shellWord, type ViewContext } from './ingest-view.ts'
import { isWorthRepairing } from '../worth-repairing.ts'
import { safeText } from './safe-text.ts'
import { renderTable } from './table.ts'

/** Groups beyond this are one line each; a folder of 68 tables must not scroll for ever. */
const MAX_FULL_GROUPS = 3
const MAX_FILES_SHOWN = 30

export interface Asked {
  readonly words: readonly string[]
  /** A file of the report as it can be named on the command line. */
  readonly shownPath: (path: string) => string
}

/** What `check` found: the verdict first, then each kind of file, its odd ones with rows, and the next command. */
export function renderCheck(report: CheckReport, asked: Asked, sampleRows: number, context: ViewContext): string {
  const { style } = context
  const files = report.groups.flatMap((group) => group.files)
  const odd = files.filter((file) => file.verdict === 'odd')
  const rows = files.reduce((sum, file) => sum + file.rows, 0)
  const headline = [
    `${formatAmount(report.filesSeen, 'file')}, ${formatCount(rows)} rows`,
    report.groups.length > 1 ? `${report.groups.length} kinds of table` : undefined,
    odd.length > 0 ? style.warn(`${odd.length} odd`) : undefined,
    report.unreadable.length > 0 ? style.bad(`${report.unreadable.length} unreadable`) : undefined,
    odd.length + report.unreadable.length === 0 ? style.ok('nothing stands out') : undefined,
  ].filter((part) => part !== undefined)
  const blocks = [style.bold('Verdict: ') + headline.join(', ')]
  if (report.unreadable.length > 0) blocks.push(unreadableTable(report.unreadable, context))
  const groups = report.groups.toSorted((a, b) => Number(hasOdd(b)) - Number(hasOdd(a)))
  const full =
    groups.length <= MAX_FULL_GROUPS ? groups : groups.filter((group) => hasOdd(group)).slice(0, MAX_FULL_GROUPS)
  for (const group of full) blocks.push(renderGroup(group, sampleRows, context))
  const rest = groups.filter((group) => !full.includes(group))
  if (rest.length > 0) {
    const more = style.dim('Name one of them for its columns, checks and files, or take all with --output json.')
    blocks.push(`${groupTable(rest, context)}\n${more}`)
  }
  blocks.push([style.bold('Next'), ...nextCommands(asked, report).map((line) => `  ${line}`)].join('\n'))
  return blocks.join('\n\n')
}

function hasOdd(group: CheckedGroup): boolean {
  return group.files.some((file) => file.verdict !== 'ok')
}

function renderGroup(group: CheckedGroup, sampleRows: number, context: ViewContext): string {
  const { style, width } = context
  const lines = [
    style.heading(safeText(group.name)) +
      `  ${formatAmount(group.files.length, 'file')}, ${formatCount(group.rows)} rows, ${formatAmount(group.columns.length, 'column')}`,
    style.dim('Columns  ') +
      group.columns.map((column) => `${safeText(column.name)} ${style.dim(column.type)}`).join(', '),
  ]
  if (group.learned !== null) {
    const rules = group.learned.suggestions.filter((suggestion) => suggestion.place === 'expectations')
    lines.push('', style.bold(`Contract learned, and tried on rows kept back: ${formatAmount(rules.length, 'check')}`))
    for (const suggestion of rules.slice(0, 20))
      lines.push(
        `  ${safeText(formatExpectation(suggestion.expectation))} ${style.dim(`(${safeText(suggestion.basis)})`)}`,
      )
    if (rules.length > 20) lines.push(style.dim(`  … and ${rules.length - 20} more; --output json has all`))
  }
  const shown = [
    ...group.files.filter((file) => file.verdict !== 'ok'),
    ...group.files.filter((file) => file.verdict === 'ok'),
  ].slice(0, MAX_FILES_SHOWN)
  lines.push(
    '',
    renderTable({
      width,
      paintHeader: (text) => style.dim(text),
      columns: [
        { title: 'verdict', paint: (text, row) => (shown[row]?.verdict === 'ok' ? style.ok(text) : style.bad(text)) },
        { title: 'file', cut: 'middle', min: 20 },
        { title: 'rows', align: 'right' },
        { title: 'bytes', align: 'right' },
        { title: 'score', align: 'right' },
        { title: 'why' },
      ],
      rows: shown.map((file) => [
        file.verdict,
        file.path,
        formatCount(file.rows),
        formatBytes(file.bytes),
        file.score === null ? '–' : String(Math.round(file.score * 10) / 10),
        whyOf(file),
      ]),
    }),
  )
  if (group.files.length > shown.length)
    lines.push(style.dim(`… and ${group.files.length - shown.length} more files, all ok`))
  for (const file of shown.filter((candidate) => candidate.samples.length > 0)) {
    const rows = file.samples.slice(0, sampleRows)
    const columns = Object.keys(rows[0]?.values ?? {})
    lines.push(
      '',
      `${style.bold(safeText(file.path))}: failing rows, ${rows.length} of those found`,
      renderTable({
        width,
        indent: 2,
        paintHeader: (text) => style.dim(text),
        columns: [{ title: 'row', align: 'right' }, { title: 'breaks' }, ...columns.map((title) => ({ title }))],
        rows: rows.map((row) => [
          String(row.row),
          row.rules.join(', '),
          ...columns.map((column) => cellText(row.values[column])),
        ]),
      }),
    )
  }
  return lines.join('\n')
}

function whyOf(file: CheckedFile): string {
  const [first, ...rest] = file.reasons
  return first === undefined
    ? ''
    : `${first.check}: ${first.message}${rest.length > 0 ? ` (+${rest.length} more)` : ''}`
}

function unreadableTable(files: readonly CheckedFile[], { style, width }: ViewContext): string {
  return renderTable({
    width,
    paintHeader: (text) => style.dim(text),
    columns: [
      { title: 'unreadable', cut: 'middle', min: 20, paint: (text) => style.bad(text) },
      { title: 'bytes', align: 'right' },
      { title: 'why' },
    ],
    rows: files.map((file) => [file.path, formatBytes(file.bytes), whyOf(file)]),
  })
}

function groupTable(groups: readonly CheckedGroup[], { style, width }: ViewContext): string {
  return renderTable({
    width,
    paintHeader: (text) => style.dim(text),
    columns: [
      { title: 'table' },
      { title: 'files', align: 'right' },
      { title: 'rows', align: 'right' },
      { title: 'columns', align: 'right' },
      { title: 'checks learned', align: 'right' },
      { title: 'verdict' },
    ],
    rows: groups.map((group) => [
      group.name,
      formatCount(group.files.length),
      formatCount(group.rows),
      formatCount(group.columns.length),
      formatCount(group.contract?.expectations.length ?? 0),
      hasOdd(group) ? whyOf(group.files.find((file) => file.verdict !== 'ok') ?? emptyFile) : 'ok',
    ]),
  })
}

const emptyFile: CheckedFile = {
  path: '',
  bytes: 0,
  rows: 0,
  verdict: 'ok',
  score: null,
  reasons: [],
  failed: [],
  samples: [],
}

function nextCommands({ words, shownPath }: Asked, report: CheckReport): readonly string[] {
  const named = words.map((word) => shellWord(word)).join(' ')
  const lines = [`tidegate init --from ${named}    # a project for these files`]
  const code = report.unreadable[0]?.reasons[0]?.check
  if (code !== undefined) lines.unshift(`tidegate explain ${code}    # what is wrong with the unreadable file`)
  const damaged = report.unreadable.filter(({ reasons }) => reasons.some(({ check }) => isWorthRepairing(check)))
  const [only] = damaged
  if (only !== undefined) {
    const what = damaged.length === 1 ? shellWord(shownPath(only.path)) : named
    lines.unshift(`tidegate repair ${what} --dry-run    # what of it can be brought back`)
  }
  return lines
}
