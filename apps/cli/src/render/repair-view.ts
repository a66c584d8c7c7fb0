import type { RepairedFile } from '../repaired-file.ts'
import type { FileMap, MapCell } from './file-map.ts'
import { whatIsWrong } from './finding-text.ts'
import { formatAmount, formatBytes, formatCount } from './format.ts'
import type { ViewContext } from './ingest-view.ts'
import { safeText } from './safe-text.ts'
import { commonFolder, NARROW, renderTable } from './table.ts'

export interface RepairsSummary {
  readonly dryRun: boolean
  readonly totals: {
    readonly files: number
    readonly unchanged: number
    readonly repaired: number
    readonly partial: number
    readonly refused: number
    readonly failed: number
    readonly rowsRecovered: number
    /** Of the files that say how many they had. */
    readonly rowsLost: number
    readonly filesWithUnknownLoss: number
    readonly cellsNulled: number
    /** Files of sources that are of another format. */
    readonly notParquet: number
    /** Files that lie in the folder of the results. */
    readonly earlierResults: number
  }
  /** The first of those that needed something. */
  readonly shown: readonly RepairedFile[]
  readonly maps: readonly { readonly path: string; readonly map: string }[]
  readonly next: readonly string[]
  /** A path as people write it. */
  readonly shownPath: (absolute: string) => string
}

/** Files whose steps are told one by one. */
const MAX_DETAILED = 3
const MAX_LINES = 12

export function renderRepairs(summary: RepairsSummary, context: ViewContext): string {
  const { totals, shown } = summary
  const { style } = context
  const blocks = [headline(summary, context)]
  if (shown.length > 0) {
    const rest = totals.files - totals.unchanged - shown.length
    blocks.push(
      repairTable(shown, summary, context) +
        (rest > 0
          ? `\n${style.dim(`… and ${formatAmount(rest, 'more file')}; --output ndjson names every file`)}`
          : ''),
    )
    if (shown.length <= MAX_DETAILED)
      for (const file of shown) {
        const lines = details(file, summary, context)
        if (lines.length > 0) blocks.push([style.bold(safeText(file.path)), ...lines].join('\n'))
      }
  }
  for (const { path, map } of summary.maps) blocks.push(`${style.bold(safeText(path))}\n${map}`)
  const hints = new Set(shown.flatMap(({ error }) => error?.hint ?? []))
  if (hints.size > 0) blocks.push([...hints].map((hint) => `hint: ${safeText(hint)}`).join('\n'))
  const notes = notesOf(summary)
  if (notes.length > 0) blocks.push(style.dim(notes.join('\n')))
  if (summary.next.length > 0) blocks.push([style.bold('Next'), ...summary.next.map((line) => `  ${line}`)].join('\n'))
  return blocks.join('\n\n')
}

function headline({ totals, dryRun }: RepairsSummary, { style }: ViewContext): string {
  const { files, unchanged, repaired, partial, refused, failed } = totals
  if (unchanged === files)
    return `${style.bold('Verdict: ')}${style.ok(`${formatAmount(files, 'file')}, all sound: nothing to repair, nothing was written`)}`
  const parts = [
    ...(repaired > 0 ? [style.ok(`${formatCount(repaired)} ${dryRun ? 'can be ' : ''}repaired without loss`)] : []),
    ...(partial > 0 ? [style.warn(`${formatCount(partial)} ${dryRun ? 'can be ' : ''}repaired in part`)] : []),
    ...(refused > 0 ? [style.bad(`${formatCount(refused)} refused`)] : []),
    ...(failed > 0 ? [style.bad(`${formatCount(failed)} failed`)] : []),
    ...(unchanged > 0 ? [`${formatCount(unchanged)} sound`] : []),
  ]
  const plan = dryRun ? ' Nothing was written (--dry-run).' : ''
  return `${style.bold('Verdict: ')}${formatAmount(files, 'file')}: ${parts.join(', ')}.${plan}`
}

function repairTable(
  files: readonly RepairedFile[],
  { dryRun, shownPath: shown }: RepairsSummary,
  { style, width }: ViewContext,
): string {
  const hasSource = files.some(({ source }) => source !== null)
  const isNarrow = width < NARROW
  const folder = isNarrow ? commonFolder(files.map((file) => file.path)) : ''
  const hasOut = files.length > MAX_DETAILED && files.some(({ out }) => out !== null)
  return renderTable({
    width,
    paintHeader: (text) => style.dim(text),
    columns: [
      ...(hasSource ? [{ title: 'source' }] : []),
      { title: 'verdict', min: 16, paint: (text, row) => paintStatus(files[row]?.status, text, style) },
      { title: folder === '' ? 'file' : `in ${folder}`, cut: 'middle', min: isNarrow ? 10 : 16 },
      { title: 'what is wrong', min: isNarrow ? 16 : 24 },
      { title: 'rows back', align: 'right' },
      { title: 'cells lost', align: 'right' },
      ...(isNarrow ? [] : [{ title: 'confidence', min: 10 }]),
      ...(hasOut && !isNarrow ? [{ title: 'result', cut: 'middle' as const, min: 12 }] : []),
    ],
    rows: files.map((file) => [
      ...(hasSource ? [file.source ?? ''] : []),
      statusText(file.status, dryRun),
      file.path.slice(folder.length),
      file.error === null ? whatIsWrong(file.findings) : `${file.error.code} ${file.error.message}`,
      rowsBack(file),
      file.totals === null || !isDone(file) ? '–' : formatCount(file.totals.cellsNulled),
      ...(isNarrow ? [] : [file.confidence === null || file.confidence === 'rejected' ? '–' : file.confidence]),
      ...(hasOut && !isNarrow ? [file.out === null ? '–' : shown(file.out)] : []),
    ]),
  })
}

function paintStatus(status: RepairedFile['status'] | undefined, text: string, style: ViewContext['style']): string {
  if (status === 'repaired') return style.ok(text)
  return status === 'partial' ? style.warn(text) : style.bad(text)
}

function statusText(status: RepairedFile['status'], dryRun: boolean): string {
  if (status === 'repaired') return dryRun ? 'repairable' : 'repaired'
  if (status === 'partial') return dryRun ? 'repairable in part' : 'repaired in part'
  return status
}

function isDone({ status }: RepairedFile): boolean {
  return status === 'repaired' || status === 'partial'
}

/** `9,000 of 10,000`; `of ?` where nobody knows how many there were. */
function rowsBack(file: RepairedFile): string {
  if (file.totals === null || !isDone(file)) return '–'
  const { rowsRecovered, rowsLost } = file.totals
  return `${formatCount(rowsRecovered)} of ${rowsLost === 'unknown' ? '?' : formatCount(rowsRecovered + rowsLost)}`
}

/** What is done to a file, or why it is not. */
function details(
  file: RepairedFile,
  { dryRun, shownPath: shown }: RepairsSummary,
  { style }: ViewContext,
): readonly string[] {
  const lines: string[] = []
  for (const { code, what, lossless } of file.steps)
    lines.push(
      `  ${dryRun ? 'would be done' : 'done'}: ${safeText(what)} ${style.dim(`(${code}, ${lossless ? 'lossless' : 'with loss'})`)}`,
    )
  if (file.schemaFrom !== null && file.schemaFrom !== 'own-footer' && isDone(file))
    lines.push(`  columns from: ${SCHEMA_WORDS[file.schemaFrom]} (confidence: ${file.confidence ?? 'unknown'})`)
  for (const text of file.evidence) lines.push(`  speaks for it: ${safeText(text)}`)
  for (const text of file.doubts)
    lines.push(`  ${file.status === 'refused' ? style.bad('refused') : style.warn('doubt')}: ${safeText(text)}`)
  if (file.status === 'refused')
    for (const { code, message } of file.findings.filter(
      (found) => found.code.startsWith('PQ6') && !file.doubts.includes(found.message),
    ))
      lines.push(`  ${style.bad('refused')}: ${safeText(message)} ${style.dim(`(${code})`)}`)
  if (file.outBytes !== null && file.out !== null)
    lines.push(`  result: ${safeText(shown(file.out))} (${formatBytes(file.outBytes)})`)
  if (file.lossFile !== null) lines.push(`  every lost cell and row: ${safeText(shown(file.lossFile))}`)
  if (file.verification !== null && file.verification !== undefined) {
    const { readers, rowsRead } = file.verification
    const who = readers.map((reader) => (reader === 'duckdb' ? 'DuckDB' : 'our own reader')).join(' and ')
    lines.push(`  verified: ${formatAmount(rowsRead, 'row')} read back by ${who}`)
  }
  const rest = lines.length - MAX_LINES
  return rest > 1
    ? [...lines.slice(0, MAX_LINES), style.dim(`  … and ${rest} more lines; --output json has all`)]
    : lines
}

const SCHEMA_WORDS: Readonly<Record<NonNullable<RepairedFile['schemaFrom']>, string>> = {
  'own-footer': 'its own footer',
  'partial-footer': 'what is left of its footer',
  'inline-metadata': 'notes that the writer left behind each column',
  _metadata: 'the _metadata file',
  'delta-log': 'the Delta log',
  sibling: 'the sibling',
}

function notesOf({ totals, dryRun }: RepairsSummary): readonly string[] {
  const { unchanged, files, notParquet, earlierResults, filesWithUnknownLoss, rowsLost, cellsNulled } = totals
  return [
    ...(unchanged > 0 && unchanged < files && !dryRun
      ? [
          `${formatAmount(unchanged, 'sound file')} ${unchanged === 1 ? 'was' : 'were'} not copied: read ${unchanged === 1 ? 'it' : 'them'} where ${unchanged === 1 ? 'it is' : 'they are'}.`,
        ]
      : []),
    ...(files - unchanged > 1 && (rowsLost > 0 || cellsNulled > 0 || filesWithUnknownLoss > 0)
      ? [
          `Lost in all: ${formatAmount(rowsLost, 'row')}, ${formatAmount(cellsNulled, 'cell')}${filesWithUnknownLoss > 0 ? `; of ${formatAmount(filesWithUnknownLoss, 'file')} nobody knows how many rows there were` : ''}.`,
        ]
      : []),
    ...(notParquet > 0
      ? [`${formatAmount(notParquet, 'file')} of sources that are no Parquet: nothing to repair.`]
      : []),
    ...(earlierResults > 0
      ? [`${formatAmount(earlierResults, 'file')} in the folder of the results: left alone.`]
      : []),
  ]
}

/** After the repair: what was intact, what came back, what did not. */
export function mapOfRepair(file: RepairedFile): FileMap {
  const groups = file.rowGroups ?? []
  const columns = groups.find((group) => group.columns.length > 0)?.columns.map(({ column }) => column) ?? []
  // Without its footer nothing of the file could be read.
  const saved: MapCell = file.schemaFrom === 'own-footer' ? 'intact' : 'recovered'
  const drawn = groups.map((group) => ({
    at: group.sourceRowGroup,
    cells: columns.map((_, index): MapCell => {
      const column = group.columns[index]
      if (column === undefined) return saved
      if (column.status === 'nulled') return 'lost'
      return column.status === 'partly-nulled' ? 'partly' : saved
    }),
  }))
  const present = new Set(groups.map(({ sourceRowGroup }) => sourceRowGroup))
  const gone = new Set(
    file.loss.flatMap(({ wrote, rowGroup, sourceRowGroup }) =>
      wrote === 'left-out' && rowGroup === undefined && sourceRowGroup !== undefined && !present.has(sourceRowGroup)
        ? [sourceRowGroup]
        : [],
    ),
  )
  const lost = [...gone].map((at) => ({ at, cells: columns.map((): MapCell => 'lost') }))
  const all = lost.length === 0 ? drawn : [...drawn, ...lost].toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0))
  return { columns, groups: all.map(({ cells }) => cells) }
}
