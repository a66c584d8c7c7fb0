import path from 'node:path'
import { TidegateError, type FileFailure, type FileRecord, type FileRepair } from '@tidegate/core'
import { exitCodeOf, type SourceReport } from '@tidegate/pipeline'
import { contractPath, readQuarantinePapers, type Project } from '@tidegate/project'
import type { CommandContext } from '../context.ts'
import { openCliProject } from '../open.ts'
import { emit, formatAge, formatBytes, formatCount, formatInstant, renderTable, safeText } from '../render/index.ts'
import { cellText } from '../render/cell-text.ts'
import { renderChecks, summarizeChecks, type CheckSummary } from '../render/checks-view.ts'
import { renderIngest, settingName, shellWord } from '../render/ingest-view.ts'
import { ingestPayload, ingestSources } from './ingest.ts'

export interface FilesArgs {
  readonly action?: string
  readonly paths?: readonly string[]
  readonly source?: string
  readonly outcome?: 'loaded' | 'held' | 'skipped'
  readonly limit?: number
  readonly workers?: number
  readonly threshold?: number
}

/** `files ls | explain PATH… | retry PATH…`. */
export async function files(args: FilesArgs, context: CommandContext): Promise<number> {
  switch (args.action) {
    case 'ls':
      return listFiles(args, context)
    case 'explain':
      return explainFiles(args, context)
    case 'retry':
      return retryFiles(args, context)
    default:
      throw new TidegateError('USAGE_ACTION', `files knows ls, explain and retry, not ${JSON.stringify(args.action)}`)
  }
}

async function listFiles(args: FilesArgs, context: CommandContext): Promise<number> {
  const project = await openCliProject(context, { what: 'files ls', readOnly: true })
  try {
    const limit = args.limit ?? 100
    const items = await project.state.listFiles({ source: args.source, outcome: args.outcome, limit: limit + 1 })
    const shown = items.slice(0, limit)
    const { style } = context
    emit(
      context.options.output,
      { schemaVersion: 1, kind: 'files', truncated: items.length > limit, items: shown },
      () =>
        shown.length === 0
          ? 'No files yet.'
          : [
              renderTable({
                width: context.width,
                paintHeader: (text) => style.dim(text),
                columns: [
                  { title: 'outcome' },
                  { title: 'source' },
                  { title: 'file', cut: 'middle', min: 20 },
                  { title: 'version', align: 'right' },
                  { title: 'rows', align: 'right' },
                  { title: 'loaded', align: 'right' },
                  { title: 'score', align: 'right' },
                  { title: 'decided' },
                  { title: 'why' },
                ],
                rows: shown.map((file) => [
                  file.outcome === 'loaded' && !file.live ? 'replaced' : file.outcome,
                  file.source,
                  file.path,
                  String(file.ordinal),
                  formatCount(file.rowsRead),
                  formatCount(file.rowsLoaded),
                  file.score === null ? '–' : String(Math.round(file.score * 10) / 10),
                  formatAge(context.nowMs(), file.decidedAtMs),
                  file.reasons[0]?.message ?? '',
                ]),
              }),
              ...(items.length > limit ? [style.dim(`the newest ${limit} only; more with --limit`)] : []),
            ].join('\n'),
      context.stdout,
    )
    return 0
  } finally {
    await project.close()
  }
}

async function explainFiles(args: FilesArgs, context: CommandContext): Promise<number> {
  const wanted = args.paths ?? []
  if (wanted.length === 0)
    throw new TidegateError('USAGE_PATH', 'files explain needs the path of a file', {
      hint: 'tidegate files ls shows them.',
    })
  const project = await openCliProject(context, { what: 'files explain', readOnly: true })
  try {
    const items: Explained[] = []
    for (const file of wanted) items.push(await explainFile(project, file, args.source))
    emit(
      context.options.output,
      {
        schemaVersion: 1,
        kind: 'files-explain',
        items: items.map((item) => ({ ...item, papers: item.papers.map(readPaper) })),
      },
      () => items.map((item) => renderExplained(item, context)).join('\n\n'),
      context.stdout,
    )
    return items.every((item) => item.versions.length === 0 && item.failures.length === 0) ? 1 : 0
  } finally {
    await project.close()
  }
}

interface Explained {
  readonly asked: string
  readonly versions: readonly FileRecord[]
  readonly failures: readonly FileFailure[]
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

async function explainFile(project: Project, asked: string, source: string | undefined): Promise<Explained> {
  const versions = (await findVersions(project, asked, source)).toSorted(
    (a, b) => a.source.localeCompare(b.source) || a.path.localeCompare(b.path) || a.ordinal - b.ordinal,
  )
  const failures = (await project.state.listFailures({ source })).filter(
    (failure) => failure.path === asked || failure.path.endsWith(`/${asked}`),
  )
  const newest = versions.at(-1)
  const sourceConfig = project.config.sources.find((candidate) => candidate.name === newest?.source)
  const folder = sourceConfig?.quarantine.path
  const papers =
    newest?.quarantinePath !== null && newest?.quarantinePath !== undefined && folder !== undefined
      ? await readQuarantinePapers(folder, newest.quarantinePath)
      : []
  const byRules = newest?.outcome === 'held' && newest.score !== null
  return {
    asked,
    versions,
    failures,
    checks: newest === undefined ? null : summarizeChecks(await project.state.listChecks({ file: newest.id })),
    papers,
    quarantineFolder: folder ?? null,
    repairedFolder: project.config.repaired,
    inSource: newest?.source ?? null,
    contract:
      byRules && sourceConfig !== undefined
        ? path.relative(project.config.directory, contractPath(sourceConfig, newest.dataset))
        : null,
  }
}

/** By the path below its source's root or a trailing part of it; else by where it lies on disk. */
async function findVersions(
  project: Project,
  asked: string,
  source: string | undefined,
): Promise<readonly FileRecord[]> {
  const named = path.isAbsolute(asked) ? [] : await project.state.listFiles({ source, path: asked })
  if (named.length > 0) return named
  const places = new Set([path.resolve(project.config.directory, asked), path.resolve(asked)])
  const candidates = await project.state.listFiles({ source, path: path.basename(asked) })
  return candidates.filter((file) => places.has(file.uri))
}

function renderExplained(item: Explained, { style, nowMs, width }: CommandContext): string {
  if (item.versions.length === 0 && item.failures.length === 0) {
    return `${safeText(item.asked)}: not known. It may be waiting for the next run, match no source, or be named differently: tidegate files ls`
  }
  const lines: string[] = []
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
      `  rows       ${formatCount(file.rowsRead)} read = ${formatCount(file.rowsLoaded)} loaded + ${formatCount(file.rowsRejected)} quarantined + ${formatCount(file.rowsDropped)} dropped`,
      `  score      ${file.score === null ? '–' : Math.round(file.score * 100) / 100}`,
    )
    if (file === item.versions.at(-1) && item.checks !== null) lines.push(...renderChecks(item.checks))
    if (file.repair !== undefined) lines.push(...renderRepair(file.repair, item.repairedFolder))
    if (file.duplicateOf !== null) lines.push(`  same as    ${safeText(file.duplicateOf)}`)
    for (const reason of file.reasons)
      lines.push(`  because    ${style.bad(safeText(reason.check))}: ${safeText(reason.message)}`)
    if (file.quarantinePath !== null)
      lines.push(`  kept in    ${safeText(path.join(item.quarantineFolder ?? '', file.quarantinePath))}.*`)
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

/** A paper for programs: its JSON as it is, not as a text. */
function readPaper({ file, text }: Explained['papers'][number]): { readonly file: string; readonly content: unknown } {
  if (text === null) return { file, content: null }
  try {
    return { file, content: JSON.parse(text) as unknown }
  } catch {
    return { file, content: text }
  }
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

async function retryFiles(args: FilesArgs, context: CommandContext): Promise<number> {
  const wanted = args.paths ?? []
  if (wanted.length === 0)
    throw new TidegateError('USAGE_PATH', 'files retry needs the path of a file', {
      hint: 'tidegate files ls --outcome held shows candidates.',
    })
  const project = await openCliProject(context, { what: 'files retry' })
  try {
    const bySource = new Map<string, Set<string>>()
    for (const asked of wanted) {
      const found = await findVersions(project, asked, args.source)
      if (found.length === 0)
        throw new TidegateError('FILE_UNKNOWN', `no run has seen ${JSON.stringify(asked)}`, {
          hint: 'tidegate files ls shows the known ones; a new file is found by tidegate ingest.',
        })
      for (const file of found) bySource.set(file.source, (bySource.get(file.source) ?? new Set()).add(file.path))
    }
    const reports: SourceReport[] = []
    for (const [name, retry] of bySource) {
      const source = project.config.sources.find((candidate) => candidate.name === name)
      if (source === undefined) continue
      reports.push(...(await ingestSources([source], { ...args, retry }, project, context)))
    }
    emit(
      context.options.output,
      { ...ingestPayload(reports), kind: 'files-retry' },
      () => renderIngest(reports, context),
      context.stdout,
    )
    return exitCodeOf(reports)
  } finally {
    await project.close()
  }
}
