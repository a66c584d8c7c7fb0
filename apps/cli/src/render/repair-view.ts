import type { Finding } from '@tidegate/core'
import type { RepairedFile } from '../repaired-file.ts'
import type { FileMap, MapCell } from './file-map.ts'
import { isBad, isOfFile, whatIsWrong } from './finding-text.ts'
import { formatAmount, formatBytes, formatCount } from './format.ts'
import type { ViewContext } from './ingest-view.ts'
import { safeText } from './safe-text.ts'
import { commonFolder, maxDetailed, NARROW, renderTable } from './table.ts'

export interface RepairsSummary {
  readonly dryRun: boolean
  readonly totals: {
    readonly files: number
    /** With those that are not supported. */
    readonly unchanged: number
    /** Not damaged as far as can be told: parts are beyond the limits of the reader, or in a codec that it does not have. */
    readonly unsupported: number
    readonly repaired: number
    readonly partial: number
    readonly refused: number
    readonly failed: number
    readonly rowsRecovered: number
    /** Of files that do not say how many they had, those that were seen and left out. */
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

const MAX_LINES = 12

export function renderRepairs(summary: RepairsSummary, context: ViewContext): string {
  const { totals, shown } = summary
  const { style } = context
  const blocks = [headline(summary, context)]
  if (shown.length > 0) {
    const rest = totals.files - totals.unchanged + totals.unsupported - shown.length
    blocks.push(
      repairTable(shown, summary, context) +
        (rest > 0
          ? `\n${style.dim(`… and ${formatAmount(rest, 'more file')}; --output ndjson names every file`)}`
          : ''),
    )
    if (shown.length <= maxDetailed(context))
      for (const file of shown) {
        const lines = details(file, summary, context)
        if (lines.length > 0) blocks.push([style.bold(safeText(file.path)), ...lines].join('\n'))
      }
  }
  for (const { path, map } of summary.maps) blocks.push(`${style.bold(safeText(path))}\n${map}`)
  const hints = new Set(shown.flatMap((file) => file.error?.hint ?? hintOfEncrypted(file)))
  if (hints.size > 0) blocks.push([...hints].map((hint) => `hint: ${safeText(hint)}`).join('\n'))
  const notes = notesOf(summary)
  if (notes.length > 0) blocks.push(style.dim(notes.join('\n')))
  if (summary.next.length > 0) blocks.push([style.bold('Next'), ...summary.next.map((line) => `  ${line}`)].join('\n'))
  return blocks.join('\n\n')
}

function hintOfEncrypted({ status, findings }: RepairedFile): readonly string[] {
  const isEncrypted = status === 'refused' && findings.some(({ code }) => code === 'PQ112' || code === 'PQ113')
  return isEncrypted ? ['Deliver encrypted files decrypted: keys are not supported.'] : []
}

function headline({ totals, dryRun }: RepairsSummary, { style }: ViewContext): string {
  const { files, unchanged, repaired, partial, refused, failed, unsupported } = totals
  if (unchanged === files && unsupported === 0)
    return `${style.bold('Verdict: ')}${style.ok(`${formatAmount(files, 'file')}, all sound: nothing to repair, nothing was written`)}`
  const parts = [
    ...(repaired > 0 ? [style.ok(`${formatCount(repaired)} ${dryRun ? 'can be ' : ''}repaired without loss`)] : []),
    ...(partial > 0 ? [style.warn(`${formatCount(partial)} ${dryRun ? 'can be ' : ''}repaired in part`)] : []),
    ...(refused > 0 ? [style.bad(`${formatCount(refused)} refused`)] : []),
    ...(failed > 0 ? [style.bad(`${formatCount(failed)} failed`)] : []),
    ...(unsupported > 0 ? [style.bad(`${formatCount(unsupported)} not supported`)] : []),
    ...(unchanged > unsupported ? [`${formatCount(unchanged - unsupported)} sound`] : []),
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
  const hasOut = files.length > maxDetailed({ width }) && files.some(({ out }) => out !== null)
  return renderTable({
    width,
    paintHeader: (text) => style.dim(text),
    columns: [
      ...(hasSource ? [{ title: 'source' }] : []),
      { title: 'verdict', min: 18, paint: (text, row) => paintStatus(files[row]?.status, text, style) },
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
      file.error === null ? whatIsWrong(answeredFirst(file)) : `${file.error.code} ${file.error.message}`,
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
  return status === 'unchanged' ? 'not supported' : status
}

function isDone({ status }: RepairedFile): boolean {
  return status === 'repaired' || status === 'partial'
}

/** Where the steps answer findings, those before what only speaks of what is left. */
function answeredFirst({ findings, steps }: RepairedFile): readonly Finding[] {
  const answered = findings.filter((found) => isOfFile(found) && steps.some((step) => step.code === found.code))
  const rest = findings.filter((found) => isOfFile(found) && !answered.includes(found))
  return answered.length > 0 && !rest.some(isBad) ? [...answered, ...rest] : findings
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
      lines.push(
        `  ${code === 'PQ603' || code === 'PQ605' ? style.dim('note') : style.bad('refused')}: ${safeText(message)} ${style.dim(`(${code})`)}`,
      )
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
  const { unchanged, unsupported, files, notParquet, earlierResults } = totals
  const sound = unchanged - unsupported
  return [
    ...(unsupported > 0
      ? [
          `Of ${formatAmount(unsupported, 'file')} parts were not looked at: beyond the limits of this reader, or in a codec that it does not have. Nothing known is damaged.`,
        ]
      : []),
    ...(sound > 0 && sound < files && !dryRun
      ? [
          `${formatAmount(sound, 'sound file')} ${sound === 1 ? 'was' : 'were'} not copied: read ${sound === 1 ? 'it' : 'them'} where ${sound === 1 ? 'it is' : 'they are'}.`,
        ]
      : []),
    ...(files - unchanged > 1 ? lostInAll(totals) : []),
    ...(notParquet > 0
      ? [`${formatAmount(notParquet, 'file')} of sources that are no Parquet: nothing to repair.`]
      : []),
    ...(earlierResults > 0
      ? [`${formatAmount(earlierResults, 'file')} in the folder of the results: left alone.`]
      : []),
  ]
}

function lostInAll({ rowsLost, cellsNulled, filesWithUnknownLoss }: RepairsSummary['totals']): readonly string[] {
  if (rowsLost === 0 && cellsNulled === 0 && filesWithUnknownLoss === 0) return []
  const isUnknown = filesWithUnknownLoss > 0
  const parts = [
    ...(rowsLost > 0 ? [`${isUnknown ? 'at least ' : ''}${formatAmount(rowsLost, 'row')}`] : []),
    ...(cellsNulled > 0 ? [formatAmount(cellsNulled, 'cell')] : []),
  ]
  const unknown = `of ${formatAmount(filesWithUnknownLoss, 'file')} nobody knows how many rows there were`
  if (parts.length === 0) return [`Lost in all: ${unknown}.`]
  return [`Lost in all: ${parts.join(', ')}${isUnknown ? `; ${unknown}` : ''}.`]
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
