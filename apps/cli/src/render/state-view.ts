import type { ImportedFile, MigrationStatus, RenamedState, VerifiedState } from '@tidegate/project'
import { formatAmount, formatCount, NONE } from './format.ts'
import { safeText } from './safe-text.ts'
import type { Style } from './style.ts'
import { renderTable } from './table.ts'

const SHOWN = 20

export function renderVerified(
  { ledgers, differences, total, breaks }: VerifiedState,
  { style, width }: { readonly style: Style; readonly width: number },
): string {
  const read = formatAmount(ledgers.length, 'log')
  const sums = breaks.slice(0, SHOWN).map((found) => style.bad(breakText(found)))
  if (total === 0 && sums.length > 0)
    return [
      ...sums,
      `${style.bad(formatAmount(breaks.length, 'sum'))} that cannot be right, and ${read} agree with the index: please report this`,
    ].join('\n')
  if (total === 0)
    return style.ok(
      `The index says what ${read} ${ledgers.length === 1 ? 'says' : 'say'}, and every row is accounted for.`,
    )
  const some = differences.slice(0, SHOWN)
  const text = (value: string | number | null): string => (value === null ? NONE : String(value))
  return [
    renderTable({
      width,
      paintHeader: (title) => style.dim(title),
      columns: [
        { title: 'where' },
        { title: 'what', cut: 'middle', min: 20 },
        { title: 'column' },
        { title: 'state' },
        { title: 'log' },
      ],
      rows: some.map((item) => [item.table, item.key, item.column ?? '', text(item.inState), text(item.inLedger)]),
    }),
    ...sums,
    `${style.bad(formatAmount(total, 'difference'))} from ${read}${total > some.length ? `, ${formatCount(some.length)} shown` : ''}`,
    '',
    style.bold('Next'),
    ...(differences.some((item) => item.table === 'ledger')
      ? ['  tidegate ingest                         # where the state is only behind: it reads on by itself']
      : []),
    '  tidegate state rebuild --from-targets   # the logs are right: makes the index anew from them',
  ].join('\n')
}

function breakText(found: VerifiedState['breaks'][number]): string {
  if (found.kind === 'ledger')
    return `${safeText(found.location)}: its parts have ${formatCount(found.rowsInParts)} rows, its files ${formatCount(found.rowsOfFiles)}`
  const { rowsRead, rowsLoaded, rowsRejected, rowsReplayed, rowsDiscarded, rowsDropped, rowsSuperseded, rowsLive } =
    found
  const sum = `${formatCount(rowsRead)} read, ${formatCount(rowsLoaded)} loaded + ${formatCount(rowsRejected)} held + ${formatCount(rowsReplayed)} replayed + ${formatCount(rowsDiscarded)} given up + ${formatCount(rowsDropped)} dropped`
  return `${safeText(found.file)}: ${sum}; ${formatCount(rowsSuperseded)} superseded, ${formatCount(rowsLive)} there now`
}

export function renderRenamed(renamed: RenamedState, isConfigured: boolean): string {
  const { what, from, to } = renamed
  if (what === 'location') return `The log that was known at ${safeText(from)} is at ${safeText(to)} now.`
  const { runs, checks, filesLeft } = renamed
  return [
    `${safeText(from)} is ${safeText(to)} now: ${formatAmount(runs, 'run')}, ${formatAmount(checks, 'check result')}`,
    ...(filesLeft > 0
      ? [`${formatAmount(filesLeft, 'file version')} stay under the old name: the logs that name them do not change`]
      : []),
    ...(isConfigured ? [] : [`tidegate.yaml has no source ${safeText(to)} yet`]),
  ].join('\n')
}

export function renderMigration(status: MigrationStatus, made: readonly string[]): string {
  const lines = [`${status.engine} ${safeText(status.path)}: version ${status.current} of ${status.newest}`]
  for (const name of made) lines.push(`made ${name}`)
  for (const name of status.pending) lines.push(`pending ${name}; the next command that writes makes it`)
  return lines.join('\n')
}

export function renderImported(items: readonly ImportedFile[]): string {
  return items
    .map(({ path, ...counts }) => {
      const parts = Object.entries(counts).map(([name, rows]) => `${formatCount(rows)} ${name}`)
      return `${safeText(path)}: ${parts.join(', ')}`
    })
    .join('\n')
}
