import path from 'node:path'
import type { FileFailure, FileRecord, FileRepair } from '@tidegate/core'
import type { ListedRecord } from '@tidegate/project'
import { cellText } from './cell-text.ts'
import { renderChecks, type CheckSummary } from './checks-view.ts'
import { formatAge, formatAmount, formatBytes, formatCount, formatInstant } from './format.ts'
import { settingName, shellWord } from './ingest-view.ts'
import { safeText } from './safe-text.ts'
import type { Style } from './style.ts'
import { renderTable } from './table.ts'

export interface Explained {
  readonly asked: string
  readonly versions: readonly FileRecord[]
  readonly failures: readonly FileFailure[]
  /** What of it went into quarantine, oldest first. */
  readonly records: readonly ListedRecord[]
  /** How the newest version fared at its last judgement; null where it was not checked, or the state was rebuilt since. */
  readonly checks: CheckSummary | null
  readonly papers: readonly { readonly file: string; readonly text: string | null }[]
  readonly quarantineFolder: string | null
  /** Where the files of `repair.path` are. */
  readonly repairedFolder: string
  readonly inSource: string | null
  /** Its contract, relative to the project, where a rule of it held the file. */
  readonly contract: string | null
}

export interface ExplainedContext {
  readonly style: Style
  readonly nowMs: () => number
  readonly width: number
}

/** The whole story of a file: each version, what of it was held, and what became of that. */
export function renderExplained(item: Explained, { style, nowMs, width }: ExplainedContext): string {
  if (item.versions.length === 0 && item.failures.length === 0) {
    return `${safeText(item.asked)}: not known. It may be waiting for the next run, match no source, or be named differently: tidegate files ls`
  }
  const lines: string[] = []
  const several = new Set(item.versions.map(({ location }) => location)).size > 1
  for (const file of item.versions) {
    const headline =
      file.outcome === 'held'
        ? style.bad('held')
        : file.outcome === 'skipped'
          ? style.warn('skipped')
          : file.live
            ? style.ok('loaded')
            : style.warn('loaded, replaced since')
    lines.push(
      style.bold(`${safeText(file.path)} (version ${file.ordinal} in source ${safeText(file.source)}): `) + headline,
      `  found      ${formatInstant(file.modifiedAtMs)}, ${formatBytes(file.bytes)}, sha256 ${file.hash.slice(0, 16)}…`,
      `  decided    ${formatInstant(file.decidedAtMs)} (${formatAge(nowMs(), file.decidedAtMs)}), run ${file.run}, batch ${file.batch}, log entry ${file.seq}`,
      ...(several ? [`  target     ${safeText(file.location)}`] : []),
      `  rows       ${rowsText(file)}`,
      `  score      ${file.score === null ? '–' : Math.round(file.score * 100) / 100}`,
    )
    if (file === item.versions.at(-1) && item.checks !== null) lines.push(...renderChecks(item.checks))
    if (file.repair !== undefined) lines.push(...renderRepair(file.repair, item.repairedFolder))
    if (file.duplicateOf !== null) lines.push(`  same as    ${safeText(file.duplicateOf)}`)
    for (const reason of file.reasons)
      lines.push(`  because    ${style.bad(safeText(reason.check))}: ${safeText(reason.message)}`)
    if (file.quarantinePath !== null)
      lines.push(`  kept in    ${safeText(path.join(item.quarantineFolder ?? '', file.quarantinePath))}.*`)
    for (const record of item.records.filter((each) => each.file === file.id && each.location === file.location))
      lines.push(`  quarantine ${recordText(record, nowMs())}`)
  }
  for (const failure of item.failures) {
    lines.push(
      `${safeText(failure.path)}: ${style.bad(failure.code)} ${safeText(failure.message)} (tried ${failure.attempts} times)`,
    )
  }
  for (const paper of item.papers) {
    const rows = sampleRowsOf(paper.text)
    if (rows === undefined || rows.length === 0) continue
    const columns = Object.keys(rows[0]?.values ?? {})
    lines.push(
      '',
      style.bold(`Failing rows, for example (${rows.length} shown)`),
      renderTable({
        width,
        columns: [{ title: 'row', align: 'right' }, { title: 'breaks' }, ...columns.map((title) => ({ title }))],
        rows: rows
          .slice(0, 10)
          .map((row) => [
            String(row.row),
            row.rules.join(', '),
            ...columns.map((column) => cellText(row.values[column])),
          ]),
      }),
    )
  }
  const last = item.versions.at(-1)
  const open = item.records.some((record) => record.status === 'open' && record.file === last?.id)
  if (last?.outcome === 'loaded' && open) {
    const name = shellWord(last.path)
    lines.push(
      '',
      style.bold('Next'),
      `  tidegate quarantine show ${name}    # the rows that are held, and what can be done with them`,
      `  tidegate quarantine replay ${name}    # after the rule was mended`,
    )
  }
  if (last?.outcome === 'held') {
    const lossy = last.reasons.some((reason) => reason.check === 'REPAIR_IS_LOSSY')
    const code = last.reasons.find((reason) => /^[A-Z][A-Z0-9_]+$/.test(reason.check))?.check
    lines.push(
      '',
      style.bold('Next'),
      ...(code === undefined ? [] : [`  tidegate explain ${code}`]),
      ...(item.contract === null
        ? []
        : [`  edit ${shellWord(item.contract)}    # if the rows are right and the rule is wrong`]),
      ...(lossy
        ? [
            `  tidegate repair ${shellWord(last.uri)} --dry-run    # what would come back, and what is lost`,
            `  tidegate files retry ${shellWord(last.path)} --set ${shellWord(`sources.${settingName(last.source)}.repair=lossy`)}    # load it`,
          ]
        : []),
      `  tidegate files retry ${shellWord(last.path)}    # after the file or its contract was mended`,
    )
  }
  return lines.join('\n')
}

/** read = loaded + held now + came in later + given up + dropped; and how many of those that came in are there now. */
function rowsText(file: FileRecord): string {
  const { rowsReplayed = 0, rowsDiscarded = 0, rowsSuperseded = 0 } = file
  const parts = [
    `${formatCount(file.rowsLoaded)} loaded`,
    `${formatCount(file.rowsRejected)} quarantined`,
    ...(rowsReplayed > 0 ? [`${formatCount(rowsReplayed)} replayed`] : []),
    ...(rowsDiscarded > 0 ? [`${formatCount(rowsDiscarded)} given up`] : []),
    `${formatCount(file.rowsDropped)} dropped`,
  ]
  const there = file.rowsLoaded + rowsReplayed - rowsSuperseded
  const now =
    rowsSuperseded === 0
      ? ''
      : `; ${formatCount(rowsSuperseded)} gave way to rows of later files, ${formatCount(there)} are there now`
  return `${formatCount(file.rowsRead)} read = ${parts.join(' + ')}${now}`
}

function recordText({ content, rows, status, recordedAtMs, closedAtMs }: ListedRecord, nowMs: number): string {
  const what = content === 'file' ? `the whole file, ${formatAmount(rows, 'row')}` : formatAmount(rows, 'row')
  const held = `held ${formatAge(nowMs, recordedAtMs)}`
  return status === 'open' || closedAtMs === null
    ? `${what}, ${held}, open`
    : `${what}, ${held}, ${status} ${formatAge(nowMs, closedAtMs)}`
}

/** What was read in place of the file, and what of it is gone. */
function renderRepair(repair: FileRepair, folder: string): readonly string[] {
  const { rowsLost, cellsNulled, codes, confidence } = repair
  const lost = [
    ...(rowsLost === 0
      ? []
      : [rowsLost === 'unknown' ? 'nobody knows how many rows' : `${formatCount(rowsLost)} rows`]),
    ...(cellsNulled === 0 ? [] : [`${formatCount(cellsNulled)} cells, NULL now`]),
  ]
  const loss = lost.length === 0 ? 'nothing was lost' : `lost: ${lost.join(', ')}`
  const file = path.join(folder, repair.path)
  return [
    `  repaired   ${codes.join(', ')}; ${confidence}; ${loss}`,
    `  read from  ${safeText(file)}, sha256 ${repair.repairedSha256.slice(0, 16)}…`,
    ...(repair.status === 'partial' ? [`  losses in  ${safeText(`${file}.loss.json`)}`] : []),
  ]
}

interface SampleRow {
  readonly row: number
  readonly rules: readonly string[]
  readonly values: Readonly<Record<string, unknown>>
}

function sampleRowsOf(text: string | null): readonly SampleRow[] | undefined {
  if (text === null) return undefined
  try {
    return (JSON.parse(text) as { sampleRows?: readonly SampleRow[] }).sampleRows
  } catch {
    return undefined
  }
}
