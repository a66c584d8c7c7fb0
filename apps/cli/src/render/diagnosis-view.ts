import type { Diagnosis, Finding } from '@tidegate/core'
import type { FileMap, MapCell } from './file-map.ts'
import { bySeverity, isBad, placeText, sentence, whatIsWrong } from './finding-text.ts'
import { formatAmount, formatBytes, formatCount } from './format.ts'
import type { ViewContext } from './ingest-view.ts'
import { safeText } from './safe-text.ts'
import { commonFolder, maxDetailed, NARROW, renderTable } from './table.ts'

/** What is kept of a file that needs somebody. */
export interface TroubledFile {
  readonly source: string | null
  readonly path: string
  readonly bytes: number | null
  readonly rows: number | null
  readonly verdict: Diagnosis['verdict'] | 'unreadable' | null
  readonly findings: readonly Finding[]
  readonly comesBack: string
  /** Drawn already. */
  readonly map?: string | undefined
}

export interface DiagnosisSummary {
  readonly level: string
  readonly files: number
  /** Files without a finding that keeps them from being read. */
  readonly sound: number
  /** With those that are only encrypted or not supported. */
  readonly bad: number
  readonly encrypted: number
  readonly unsupported: number
  readonly bytes: number
  readonly rows: number
  /** Sound files with a finding. */
  readonly noted: number
  /** Paths of a folder that are no data, by code. */
  readonly aside: ReadonlyMap<string, number>
  readonly others: number
  /** Pages that were decoded, and how many of them have a checksum. */
  readonly pages: number
  readonly withChecksum: number
  /** The first of the bad ones. */
  readonly troubled: readonly TroubledFile[]
  /** The first warnings that only the folder tells, or that do not keep a file from being read. */
  readonly warnings: readonly TroubledFile[]
  readonly warningsTotal: number
  /** Of sound files, if asked for: path and drawing. */
  readonly maps: readonly { readonly path: string; readonly map: string }[]
  readonly next: readonly string[]
}

const MAX_FINDINGS = 20

export function renderDiagnosis(summary: DiagnosisSummary, context: ViewContext): string {
  const { style } = context
  const { bad, troubled } = summary
  const blocks = [headline(summary, context)]
  if (troubled.length > 0) {
    const rest = bad - troubled.length
    blocks.push(
      troubledTable(troubled, context) +
        (rest > 0
          ? `\n${style.dim(`… and ${formatAmount(rest, 'more file')}; --output ndjson names every file`)}`
          : ''),
    )
    if (bad <= maxDetailed(context)) for (const file of troubled) blocks.push(...details(file, context))
  }
  for (const { path, map } of summary.maps) blocks.push(`${style.bold(safeText(path))}\n${map}`)
  if (summary.warningsTotal > 0) blocks.push(warningTable(summary, context))
  if (summary.pages > 0) blocks.push(style.dim(checksumLine(summary)))
  const aside = asideLine(summary)
  if (aside !== '') blocks.push(style.dim(aside))
  if (summary.next.length > 0) blocks.push([style.bold('Next'), ...summary.next.map((line) => `  ${line}`)].join('\n'))
  return blocks.join('\n\n')
}

const LOOKED_AT: Readonly<Record<string, string>> = {
  container: 'container',
  footer: 'container and footer',
  headers: 'container, footer and page headers',
  pages: 'container, footer and every page',
  values: 'container, footer, every page and its values',
}

function headline(
  { files, sound, bad, bytes, rows, level, noted, encrypted, unsupported }: DiagnosisSummary,
  { style }: ViewContext,
): string {
  const looked = LOOKED_AT[level] ?? level
  const amount = `${formatAmount(files, 'file')}, ${formatBytes(bytes)}${rows > 0 ? `, ${formatAmount(rows, 'row')}` : ''}`
  if (bad > 0)
    return `${style.bold('Verdict: ')}${amount}: ${style.bad(troubleText({ bad, encrypted, unsupported }))}, ${formatCount(sound)} sound ${style.dim(`(looked at: ${looked})`)}`
  const warned = noted > 0 ? ` ${style.warn(`(${formatCount(noted)} with warnings)`)}` : ''
  return `${style.bold('Verdict: ')}${amount}: ${style.ok(`${looked} sound`)}${warned}`
}

function troubleText({ bad, encrypted, unsupported }: Record<'bad' | 'encrypted' | 'unsupported', number>): string {
  const damaged = bad - encrypted - unsupported
  return [
    ...(damaged > 0 ? [`${formatCount(damaged)} damaged or unreadable`] : []),
    ...(encrypted > 0 ? [`${formatCount(encrypted)} encrypted`] : []),
    ...(unsupported > 0 ? [`${formatCount(unsupported)} not supported`] : []),
  ].join(', ')
}

function troubledTable(files: readonly TroubledFile[], { style, width }: ViewContext): string {
  const hasSource = files.some(({ source }) => source !== null)
  const isNarrow = width < NARROW
  const folder = isNarrow ? commonFolder(files.map((file) => file.path)) : ''
  return renderTable({
    width,
    paintHeader: (text) => style.dim(text),
    columns: [
      ...(hasSource ? [{ title: 'source' }] : []),
      { title: 'verdict', min: 18, paint: (text, row) => (isHopeful(files[row]) ? style.warn(text) : style.bad(text)) },
      { title: folder === '' ? 'file' : `in ${folder}`, cut: 'middle', min: isNarrow ? 10 : 16 },
      ...(isNarrow ? [] : [{ title: 'bytes', align: 'right' as const }]),
      { title: 'what is wrong', min: isNarrow ? 16 : 24 },
      { title: 'a repair brings back', min: isNarrow ? 28 : 20 },
    ],
    rows: files.map((file) => [
      ...(hasSource ? [file.source ?? ''] : []),
      verdictText(file.verdict),
      file.path.slice(folder.length),
      ...(isNarrow ? [] : [formatBytes(file.bytes)]),
      whatIsWrong(file.findings),
      file.comesBack,
    ]),
  })
}

function isHopeful(file: TroubledFile | undefined): boolean {
  return file?.verdict?.startsWith('repairable') === true
}

export function verdictText(verdict: TroubledFile['verdict']): string {
  switch (verdict) {
    case 'repairable-lossless':
      return 'repairable'
    case 'repairable-lossy':
      return 'repairable in part'
    case 'unrecoverable':
      return 'not repairable'
    case 'not-parquet':
      return 'not Parquet'
    case 'unsupported':
      return 'not supported'
    case null:
      return 'in the folder'
    default:
      return verdict
  }
}

/** Not a table: what is wrong must not be cut. */
function details(file: TroubledFile, { style }: ViewContext): readonly string[] {
  const shown = bySeverity(file.findings).slice(0, MAX_FINDINGS)
  const blocks: string[] = []
  if (shown.length > 0) {
    const rest = file.findings.length - shown.length
    blocks.push(
      [
        style.bold(safeText(file.path)),
        ...shown.map((found) => findingLine(found, style)),
        ...(isHopeful(file) && file.comesBack !== '' ? [`  a repair brings back: ${file.comesBack}`] : []),
        ...(rest > 0 ? [style.dim(`  … and ${formatCount(rest)} more; --output json has all`)] : []),
      ].join('\n'),
    )
  }
  if (file.map !== undefined && file.map !== '') blocks.push(file.map)
  return blocks
}

function findingLine(found: Finding, style: ViewContext['style']): string {
  const paint = isBad(found) ? style.bad : found.severity === 'warn' ? style.warn : style.dim
  const repair = found.repairable === 'no' ? '' : style.dim(` (repair: ${found.repairable})`)
  return `  ${found.code} ${paint(found.severity)}  ${safeText(fullSentence(found))}${repair}`
}

function warningTable({ warnings, warningsTotal }: DiagnosisSummary, { style, width }: ViewContext): string {
  const rest = warningsTotal - warnings.length
  return [
    style.bold('Worth a look'),
    renderTable({
      width,
      paintHeader: (text) => style.dim(text),
      columns: [
        { title: 'path', cut: 'middle', min: 16 },
        { title: 'what', min: 30 },
      ],
      rows: warnings.map((file) => [file.path, whatIsWrong(file.findings)]),
    }),
    ...(rest > 0 ? [style.dim(`… and ${formatCount(rest)} more; --output ndjson has all`)] : []),
  ].join('\n')
}

/** With its place in bytes, too, where nothing finer is known. */
function fullSentence(found: Finding): string {
  const { where } = found
  if (where?.rowGroup !== undefined || where?.page !== undefined || where?.rows !== undefined)
    return `${placeText(where)}: ${found.message}`
  if (where?.column !== undefined) return sentence(found)
  const place = placeText(where)
  return place === '' ? found.message : `${place}: ${found.message}`
}

/** What "sound" is worth: without checksums a flipped value that still decodes looks like any other. */
function checksumLine({ pages, withChecksum }: DiagnosisSummary): string {
  if (withChecksum === pages) return `All ${formatCount(pages)} pages have the checksum that their writer gave them.`
  if (withChecksum === 0)
    return `${pages === 1 ? 'The page has' : `The ${formatCount(pages)} pages have`} no checksum: only damage that does not decode can be seen.`
  return `${formatCount(withChecksum)} of ${formatAmount(pages, 'page')} ${withChecksum === 1 ? 'has' : 'have'} a checksum; in the others only damage that does not decode can be seen.`
}

function asideLine({ aside, others }: DiagnosisSummary): string {
  const parts = [
    ...[...aside].map(([code, count]) => `${formatAmount(count, 'marker')} (${code})`),
    ...(others > 0 ? [`${formatAmount(others, 'file')} of other kinds`] : []),
  ]
  return parts.length === 0 ? '' : `Also there, and not looked into: ${parts.join(', ')}.`
}

/** The drawing's input from what a diagnosis knows of the chunks. */
export function mapOfLayout(layout: NonNullable<Diagnosis['layout']>): FileMap {
  return {
    columns: layout[0]?.columns.map(({ column }) => column) ?? [],
    groups: layout.map(({ columns, rows }) =>
      columns.map(({ status, damagedRows, pages, damagedPages }): MapCell => {
        if (status !== 'damaged') return status
        const gone = damagedRows?.reduce((sum, [first, end]) => sum + end - first, 0)
        if (gone !== undefined) return gone < rows ? 'partly' : 'lost'
        return damagedPages < pages ? 'partly' : 'lost'
      }),
    ),
  }
}
