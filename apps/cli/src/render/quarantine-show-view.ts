import type { ListedRecord } from '@tidegate/project'
import { cellText } from './cell-text.ts'
import { formatAge, formatBytes, formatCount, formatInstant } from './format.ts'
import type { QuarantineViewContext } from './quarantine-view.ts'
import { safeText } from './safe-text.ts'
import { renderTable } from './table.ts'
import { shellWord } from './ingest-view.ts'

export interface ShownRecord {
  readonly record: ListedRecord
  /** Everything on disk that belongs to it, absolute; the paper with its reasons first. */
  readonly files: readonly string[]
  readonly checks: readonly {
    readonly id: string
    readonly outcome: string
    readonly severity: string
    readonly message: string
  }[]
  readonly sampleRows: readonly {
    readonly row: number
    readonly rules: readonly string[]
    /** Without sensitive columns. */
    readonly values: Readonly<Record<string, unknown>>
  }[]
  /** Its contract's file, where there is one. */
  readonly contract: string | null
}

const MAX_ROWS = 10

export function renderShown(shown: ShownRecord, { style, width, nowMs }: QuarantineViewContext): string {
  const { record } = shown
  const is =
    record.status === 'open' ? style.bad(WHAT[record.content]) : style.dim(`${WHAT[record.content]}, ${record.status}`)
  const lines = [
    style.bold(`${safeText(record.filePath)} (version ${record.ordinal} in source ${safeText(record.source)}): `) + is,
    `  record     ${safeText(record.id)}`,
    ...(record.target === null ? [] : [`  target     ${safeText(record.target)}`]),
    `  held       ${formatInstant(record.recordedAtMs)} (${formatAge(nowMs(), record.recordedAtMs)}), batch ${record.batch}, log entry ${record.seq}`,
    `  holds      ${formatCount(record.rows)} rows, ${formatBytes(record.bytes)}`,
  ]
  const told = new Set(shown.checks.map((check) => check.id))
  for (const reason of record.reasons.filter(({ check }) => !told.has(check)))
    lines.push(`  because    ${style.bad(safeText(reason.check))}: ${safeText(reason.message)}`)
  for (const check of shown.checks)
    lines.push(
      `  ${check.outcome === 'error' ? 'error in ' : 'failed   '}  ${style.bad(safeText(check.id))} (${safeText(check.severity)}): ${safeText(check.message)}`,
    )
  for (const file of shown.files) lines.push(`  kept in    ${safeText(file)}`)
  if (shown.files.length === 0) lines.push('  kept in    nothing was copied')
  if (shown.sampleRows.length > 0) {
    const columns = Object.keys(shown.sampleRows[0]?.values ?? {})
    const some = shown.sampleRows.slice(0, MAX_ROWS)
    lines.push(
      '',
      style.bold(`Rejected rows, for example (${some.length} of ${formatCount(record.rows)})`),
      renderTable({
        width,
        columns: [{ title: 'row', align: 'right' }, { title: 'breaks' }, ...columns.map((title) => ({ title }))],
        rows: some.map((row) => [
          String(row.row),
          row.rules.join(', '),
          ...columns.map((column) => cellText(row.values[column])),
        ]),
      }),
    )
  }
  if (record.status === 'open') lines.push('', style.bold('Next'), ...nextOf(shown))
  return lines.join('\n')
}

const WHAT: Readonly<Record<ListedRecord['content'], string>> = {
  file: 'the whole file is held',
  rows: 'rows are held',
  lines: 'lines that could not be parsed',
  lost: 'rows that the repair could not bring back',
}

function nextOf({ record, contract }: ShownRecord): readonly string[] {
  const target = record.target === null ? '' : ` --target ${shellWord(record.target)}`
  const name = `${shellWord(record.filePath)}${target}`
  const discard = `  tidegate quarantine discard ${name} --note WHY --yes    # give it up`
  if (record.content === 'lines' || record.content === 'lost')
    return ['  have the sender correct the file and send it again; a new version replaces this one', discard]
  const edit =
    contract === null ? [] : [`  edit ${shellWord(contract)}    # if the data is right and the rule is wrong`]
  const mend =
    record.content === 'rows'
      ? [`  tidegate quarantine replay ${name} --accept-edits    # after the rows were corrected in their Parquet file`]
      : []
  return [
    ...edit,
    `  tidegate quarantine replay ${name} --dry-run    # what is good by the contract as it is now`,
    `  tidegate quarantine replay ${name}`,
    ...mend,
    `  tidegate quarantine release ${name} --note WHY --yes    # load it whatever the rules say`,
    discard,
  ]
}
