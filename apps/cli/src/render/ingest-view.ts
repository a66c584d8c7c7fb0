import type { SourceReport, FileReport } from '@tidegate/pipeline'
import { formatBytes, formatCount, formatDuration, formatAmount } from './format.ts'
import { safeText } from './safe-text.ts'
import type { Style } from './style.ts'
import { renderTable } from './table.ts'

export interface ViewContext {
  readonly style: Style
  readonly width: number
}

/** Files that came through well are summed up per dataset beyond this many; those with trouble are always named. */
const MAX_GOOD_FILES = 12
const MAX_DATASETS = 8

/** The result of an ingest for people: trouble first, then what was loaded, then the sums and what to do next. */
export function renderIngest(reports: readonly SourceReport[], context: ViewContext): string {
  const { style } = context
  const blocks: string[] = []
  for (const report of reports) {
    const lines = [style.heading(safeText(report.source))]
    if (report.recovered.indexed > 0 || report.recovered.published > 0 || report.recovered.interruptedRuns > 0) {
      lines.push(
        style.dim(
          `resumed: ${report.recovered.interruptedRuns} interrupted runs, ${report.recovered.published} parts published, ${report.recovered.indexed} log entries indexed`,
        ),
      )
    }
    const isGood = (file: FileReport): boolean => file.status === 'loaded' && file.repair === undefined
    const trouble = report.files.filter((file) => !isGood(file))
    const good = report.files.filter(isGood)
    const { single, alike } = groupAlike(trouble)
    for (const group of alike)
      lines.push(
        `${paintStatus(group.status, group.first, style)}  ${formatAmount(group.count, 'file')}${group.first.target === undefined ? '' : ` for ${safeText(group.first.target)}`}: ${safeText(group.why)}`,
      )
    if (single.length > 0) lines.push(fileTable(single, context))
    if (good.length > 0 && good.length <= MAX_GOOD_FILES) lines.push(fileTable(good, context))
    else if (good.length > 0) lines.push(datasetTable(good, context))
    lines.push(...targetLines(report, style), summaryOf(report, style))
    if (report.error !== undefined) {
      lines.push(style.bad(`${report.error.code}: ${safeText(report.error.message)}`))
      if (report.error.hint !== undefined) lines.push(`  hint: ${safeText(report.error.hint)}`)
    }
    blocks.push(lines.join('\n'))
  }
  const next = nextCommands(reports)
  if (next.length > 0) blocks.push([style.bold('Next'), ...next.map((line) => `  ${line}`)].join('\n'))
  return blocks.join('\n\n')
}

/** Many files that wait for one and the same thing are said once. */
function groupAlike(files: readonly FileReport[]): {
  readonly single: readonly FileReport[]
  readonly alike: readonly {
    readonly status: string
    readonly why: string
    readonly count: number
    readonly first: FileReport
  }[]
} {
  const groups = [
    ...Map.groupBy(
      files,
      (file) => `${file.status}\0${file.target ?? ''}\0${file.rowsRead > 0 ? file.path : whyOf(file)}`,
    ).values(),
  ]
  return {
    single: groups.filter((group) => !isAlike(group)).flat(),
    alike: groups
      .filter(isAlike)
      .flatMap((group) =>
        group[0] === undefined
          ? []
          : [{ status: group[0].status, why: whyOf(group[0]), count: group.length, first: group[0] }],
      ),
  }
}

/** Four files with one reason, or files that all wait for the same contract, need no table. */
function isAlike(group: readonly FileReport[]): boolean {
  return group.length >= 4 || group[0]?.cause === 'contract'
}

function fileTable(files: readonly FileReport[], { style, width }: ViewContext): string {
  const reasons = files.some((file) => file.reasons.length > 0)
  const several = files.some((file) => file.target !== undefined)
  return renderTable({
    width,
    paintHeader: (text) => style.dim(text),
    columns: [
      { title: 'status', paint: (text, row) => paintStatus(text, files[row], style) },
      { title: 'file', cut: 'middle', min: 20 },
      ...(several ? [{ title: 'target' }] : []),
      { title: 'read', align: 'right' },
      { title: 'loaded', align: 'right' },
      { title: 'quarantined', align: 'right' },
      { title: 'score', align: 'right' },
      { title: 'time', align: 'right' },
      ...(reasons ? [{ title: 'why' }] : []),
    ],
    rows: files.map((file) => [
      file.status,
      file.path,
      ...(several ? [file.target ?? ''] : []),
      formatCount(file.rowsRead),
      formatCount(file.rowsLoaded),
      formatCount(file.rowsQuarantined),
      file.score === null ? '–' : String(Math.round(file.score * 10) / 10),
      formatDuration(file.durationMs),
      ...(reasons ? [whyOf(file)] : []),
    ]),
  })
}

function datasetTable(files: readonly FileReport[], { style, width }: ViewContext): string {
  const several = files.some((file) => file.target !== undefined)
  const groups = [...Map.groupBy(files, (file) => `${file.dataset}${several ? ` → ${file.target ?? ''}` : ''}`)]
  const shown = groups.slice(0, MAX_DATASETS)
  const table = renderTable({
    width,
    paintHeader: (text) => style.dim(text),
    columns: [
      { title: 'status' },
      { title: 'dataset' },
      { title: 'files', align: 'right' },
      { title: 'rows loaded', align: 'right' },
    ],
    rows: shown.map(([dataset, members]) => [
      'loaded',
      dataset,
      formatCount(members.length),
      formatCount(members.reduce((sum, file) => sum + file.rowsLoaded, 0)),
    ]),
  })
  const rest = groups.length - shown.length
  return rest === 0
    ? table
    : `${table}\n${style.dim(`… and ${formatAmount(rest, 'more dataset')}; --output json names every file`)}`
}

function paintStatus(text: string, file: FileReport | undefined, style: Style): string {
  switch (file?.status) {
    case 'loaded':
      return style.ok(text)
    case 'held':
    case 'failed':
      return style.bad(text)
    default:
      return style.warn(text)
  }
}

/** The first reason, how many more there are, and what a lossy repair would bring back. */
export function whyOf(file: Pick<FileReport, 'reasons'>): string {
  const [first, ...rest] = file.reasons
  if (first === undefined) return ''
  // What could be had is said even where other findings come before it.
  const offer = rest.find((reason) => reason.check === IS_LOSSY)
  const more = rest.length - (offer === undefined ? 0 : 1)
  const offered = offer === undefined ? '' : `; ${offer.message}`
  return `${first.check}: ${first.message}${more > 0 ? ` (+${more} more)` : ''}${offered}`
}

const IS_LOSSY = 'REPAIR_IS_LOSSY'

/** With several targets: what each of them got, and what stood in its way. */
function targetLines({ targets = [] }: SourceReport, style: Style): readonly string[] {
  const worked = targets.filter(({ totals, error }) => error !== undefined || totals.rowsRead > 0 || totals.held > 0)
  return worked.flatMap(({ target, totals, error }) => {
    const held = totals.held > 0 ? `, ${style.bad(`${totals.held} held`)}` : ''
    const line = `${style.bold(safeText(target))}  ${formatAmount(totals.loaded, 'file')} loaded${held}; ${rowsText(totals)}`
    if (error === undefined) return line
    const hint = error.hint === undefined ? [] : [`  hint: ${safeText(error.hint)}`]
    return [
      totals.rowsRead > 0 ? line : style.bold(safeText(target)),
      `  ${style.bad(`${error.code}: ${safeText(error.message)}`)}`,
      ...hint,
      '  the other targets were served; the next run brings this one what it lacks',
    ]
  })
}

function rowsText(
  totals: Pick<SourceReport['totals'], 'rowsRead' | 'rowsLoaded' | 'rowsQuarantined' | 'rowsDropped'>,
): string {
  return `${formatCount(totals.rowsRead)} rows read = ${formatCount(totals.rowsLoaded)} loaded + ${formatCount(totals.rowsQuarantined)} quarantined + ${formatCount(totals.rowsDropped)} dropped`
}

function summaryOf(report: SourceReport, style: Style): string {
  const { totals, targets = [] } = report
  const apart = [
    report.filesTooOld > 0 ? `${formatAmount(report.filesTooOld, 'file')} too old to be taken` : undefined,
    report.foldersPassed > 0 ? `${formatAmount(report.foldersPassed, 'folder')} as before and not listed` : undefined,
    report.filesCleaned > 0 ? `${formatAmount(report.filesCleaned, 'loaded file')} cleaned from the source` : undefined,
    report.filesMoved > 0 ? `${formatAmount(report.filesMoved, 'held file')} moved into quarantine` : undefined,
  ].filter((part) => part !== undefined)
  if (report.files.length === 0 && report.error === undefined && targets.every(({ error }) => error === undefined)) {
    return [`nothing to do: ${formatAmount(report.filesUnchanged, 'file')} known and unchanged, 0 files loaded`, ...apart].join(', ') // prettier-ignore
  }
  const ms = Math.max(1, report.endedAtMs - report.startedAtMs)
  if (targets.length > 1) {
    const worked = new Map(report.files.filter(({ target }) => target !== undefined).map((file) => [file.path, file]))
    const bytes = [...worked.values()].reduce((sum, file) => sum + file.bytes, 0)
    return [
      `${formatAmount(worked.size, 'file')} for ${targets.length} targets`,
      ...(totals.waiting > 0 ? [`${totals.waiting} waiting`] : []),
      ...(report.filesUnchanged > 0 ? [`${report.filesUnchanged} unchanged`] : []),
      ...apart,
    ].join(', ').concat(`; ${formatBytes(bytes)} in ${formatDuration(ms)}`) // prettier-ignore
  }
  const repaired = report.files.filter((file) => file.status === 'loaded' && file.repair !== undefined).length
  const parts = [
    `${formatAmount(totals.loaded, 'file')} loaded${repaired > 0 ? ` (${repaired} repaired)` : ''}`,
    totals.held > 0 ? style.bad(`${totals.held} held`) : undefined,
    totals.duplicate > 0 ? `${totals.duplicate} skipped as duplicates` : undefined,
    totals.waiting > 0 ? `${totals.waiting} waiting` : undefined,
    totals.failed > 0 ? style.bad(`${totals.failed} failed`) : undefined,
    report.filesUnchanged > 0 ? `${report.filesUnchanged} unchanged` : undefined,
    ...apart,
  ].filter((part) => part !== undefined)
  return `${parts.join(', ')}; ${rowsText(totals)}; ${formatBytes(totals.bytes)} in ${formatDuration(ms)}`
}

function nextCommands(reports: readonly SourceReport[]): string[] {
  const files = reports.flatMap((report) => report.files)
  const next: string[] = []
  const unlearned = [
    ...new Set(
      files.filter((file) => file.status === 'waiting' && file.cause === 'contract').map((file) => file.source),
    ),
  ]
  if (unlearned.length > 0)
    next.push(
      `tidegate profile ${unlearned.map((source) => shellWord(source)).join(' ')}    # learn the contracts first`,
    )
  if (files.some((file) => file.status === 'failed' && file.cause === 'contract'))
    next.push('tidegate contract check    # a contract has mistakes')
  const held = files.find((file) => file.status === 'held')
  if (held !== undefined) next.push(`tidegate files explain ${shellWord(held.path)}    # why it was held`)
  const lossy = files.find((file) => file.status === 'held' && file.reasons.some(({ check }) => check === IS_LOSSY))
  if (lossy !== undefined)
    next.push(
      `tidegate files retry ${shellWord(lossy.path)} --set ${shellWord(`sources.${settingName(lossy.source)}.repair=lossy`)}    # loads what can be brought back of it`,
    )
  if (files.some((file) => file.status === 'held' || file.rowsQuarantined > 0)) next.push('tidegate quarantine ls')
  const failures = files
    .filter((file) => file.status === 'failed' && file.cause !== 'contract')
    .flatMap((file) => file.reasons.slice(0, 1).map((reason) => reason.check))
  if (failures.some(isOfTheMachine)) next.push('tidegate doctor    # some files could not be read')
  const failed = reports.flatMap((report) => [report, ...(report.targets ?? [])])
  const code = failed.find(({ error }) => error !== undefined)?.error?.code
  const codes = new Set([
    ...failures.filter((failure) => !isOfTheMachine(failure)),
    ...(code === undefined ? [] : [code]),
  ])
  next.push(...[...codes].slice(0, MAX_EXPLAINED).map((each) => `tidegate explain ${each}`))
  if (next.length === 0 && files.some((file) => file.status === 'loaded')) next.push('tidegate monitor')
  return next
}

const MAX_EXPLAINED = 3

/** A source's name in a key of `--set`. */
export function settingName(name: string): string {
  return name.includes('.') ? `"${name}"` : name
}

function isOfTheMachine(code: string): boolean {
  return /^(SOURCE|SYSTEM)(_|$)/.test(code)
}

/** A word a shell reads as it is meant, and a terminal only shows. */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text
  if (safeText(text) === text) return `'${text.replaceAll("'", `'\\''`)}'`
  const escaped = Array.from(text, (char) => {
    if (char === "'" || char === '\\') return `\\${char}`
    return safeText(char) === char ? char : `\\U${(char.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`
  })
  return `$'${escaped.join('')}'`
}
