import type { QuarantineAction, RecordOutcome } from '@tidegate/pipeline'
import type { ListedRecord } from '@tidegate/project'
import { formatAge, formatAmount, formatCount } from './format.ts'
import { whyOf } from './ingest-view.ts'
import { safeText } from './safe-text.ts'
import type { Style } from './style.ts'
import { renderTable } from './table.ts'

export interface QuarantineViewContext {
  readonly style: Style
  readonly width: number
  readonly nowMs: () => number
}

/** Open records (or all) as a table, and what can be done with them. */
export function renderRecords(
  records: readonly ListedRecord[],
  { style, width, nowMs }: QuarantineViewContext,
): string {
  if (records.length === 0) return 'Nothing is held.'
  const several = records.some((record) => record.target !== null)
  const showStatus = records.some((record) => record.status !== 'open')
  const open = records.filter((record) => record.status === 'open')
  const rows = open.reduce((sum, record) => sum + record.rows, 0)
  const table = renderTable({
    width,
    paintHeader: (text) => style.dim(text),
    columns: [
      { title: 'what' },
      { title: 'source' },
      { title: 'file', cut: 'middle', min: 20 },
      ...(several ? [{ title: 'target' }] : []),
      { title: 'rows', align: 'right' },
      { title: 'held' },
      ...(showStatus ? [{ title: 'is' }] : []),
      { title: 'why' },
    ],
    rows: records.map((record) => [
      record.content,
      record.source,
      nameOf(record),
      ...(several ? [record.target ?? record.location] : []),
      formatCount(record.rows),
      formatAge(nowMs(), record.recordedAtMs),
      ...(showStatus ? [record.status] : []),
      whyOf(record),
    ]),
  })
  if (open.length === 0) return table
  return [
    table,
    `${formatAmount(open.length, 'record')}, ${formatAmount(rows, 'row')}`,
    '',
    style.bold('Next'),
    '  tidegate quarantine show FILE                # why, and for example which rows',
    '  tidegate quarantine replay --all --dry-run   # what is good by the contracts as they are now',
  ].join('\n')
}

function nameOf({ filePath, ordinal }: ListedRecord): string {
  return ordinal === 1 ? filePath : `${filePath} (version ${ordinal})`
}

export interface SettledItem extends RecordOutcome {
  /** Where the source has several. */
  readonly target: string | null
}

/** What became of records. */
export function renderSettled(
  action: QuarantineAction,
  items: readonly SettledItem[],
  dryRun: boolean,
  { style, width }: QuarantineViewContext,
): string {
  if (items.length === 0) return 'Nothing is held.'
  const several = items.some((item) => item.target !== null)
  const table = renderTable({
    width,
    paintHeader: (text) => style.dim(text),
    columns: [
      {
        title: dryRun ? 'would be' : 'result',
        paint: (text, row) => paintResult(text, items[row]?.result, style),
      },
      { title: 'file', cut: 'middle', min: 20 },
      ...(several ? [{ title: 'target' }] : []),
      { title: 'held', align: 'right' },
      { title: action === 'discard' ? 'given up' : 'loaded', align: 'right' },
      ...(action === 'discard' ? [] : [{ title: 'still held', align: 'right' as const }]),
      { title: 'why' },
    ],
    rows: items.map((item) => [
      WORDS[item.result],
      fileOf(item),
      ...(several ? [item.target ?? item.location] : []),
      formatCount(item.rowsRead),
      formatCount(action === 'discard' ? item.rowsDiscarded : item.rowsLoaded),
      ...(action === 'discard' ? [] : [formatCount(item.rowsRejected)]),
      whyOfOutcome(item),
    ]),
  })
  const lines = [table, ...notesOf(items)]
  const hints = new Set(items.flatMap((item) => item.problem?.hint ?? []))
  for (const hint of hints) lines.push(`${style.dim('hint')} ${hint}`)
  lines.push(summaryOf(items, dryRun, style))
  return lines.join('\n')
}

const WORDS: Readonly<Record<RecordOutcome['result'], string>> = {
  loaded: 'loaded',
  partly: 'loaded in part',
  stays: 'stays held',
  discarded: 'given up',
  refused: 'refused',
}

function paintResult(text: string, result: RecordOutcome['result'] | undefined, style: Style): string {
  switch (result) {
    case 'loaded':
    case 'discarded':
      return style.ok(text)
    case 'partly':
    case 'stays':
      return style.warn(text)
    default:
      return style.bad(text)
  }
}

function fileOf({ file, source }: RecordOutcome): string {
  return file.slice(source.length + 1).replace(/#1$/, '')
}

function whyOfOutcome({ problem, reasons }: RecordOutcome): string {
  if (problem !== undefined) return `${problem.code}: ${problem.message}`
  return whyOf({ reasons })
}

function notesOf(items: readonly RecordOutcome[]): readonly string[] {
  return items.flatMap((item) =>
    item.newRecord === null ? [] : [`the rest of ${safeText(fileOf(item))}: ${safeText(item.newRecord)}`],
  )
}

function summaryOf(items: readonly RecordOutcome[], dryRun: boolean, style: Style): string {
  const sum = (key: 'rowsRead' | 'rowsLoaded' | 'rowsRejected' | 'rowsDropped' | 'rowsDiscarded'): number =>
    items.reduce((total, item) => total + item[key], 0)
  const parts = [
    `${formatCount(sum('rowsLoaded'))} loaded`,
    `${formatCount(sum('rowsRejected'))} still held`,
    ...(sum('rowsDropped') === 0
      ? []
      : [`${formatCount(sum('rowsDropped'))} dropped for another row with the same key`]),
    ...(sum('rowsDiscarded') === 0 ? [] : [`${formatCount(sum('rowsDiscarded'))} given up`]),
  ]
  const text = `${formatAmount(sum('rowsRead'), 'row')} held = ${parts.join(' + ')}`
  return dryRun ? `${style.dim('nothing was changed:')} ${text}` : text
}
