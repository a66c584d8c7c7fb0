import path from 'node:path'
import { TidegateError, type FileRecord } from '@tidegate/core'
import type { SourceReport } from '@tidegate/pipeline'
import { contractPath, listRecords, readQuarantinePapers, type Project } from '@tidegate/project/open'
import type { CommandContext } from '../context.ts'
import { openCliProject } from '../open.ts'
import { emit, formatAge, formatCount, renderTable } from '../render/index.ts'
import { summarizeChecks } from '../render/checks-view.ts'
import { renderExplained, type Explained } from '../render/files-view.ts'
import { renderIngest } from '../render/ingest-view.ts'
import { recordItem } from './quarantine-records.ts'
import { tellChannels } from './tell-channels.ts'

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
        items: items.map((item) => ({
          ...item,
          records: item.records.map(recordItem),
          papers: item.papers.map(readPaper),
        })),
      },
      () => items.map((item) => renderExplained(item, context)).join('\n\n'),
      context.stdout,
    )
    return items.every((item) => item.versions.length === 0 && item.failures.length === 0) ? 1 : 0
  } finally {
    await project.close()
  }
}

async function explainFile(project: Project, asked: string, source: string | undefined): Promise<Explained> {
  const versions = (await findVersions(project, asked, source)).toSorted(
    (a, b) => a.source.localeCompare(b.source) || a.path.localeCompare(b.path) || a.ordinal - b.ordinal,
  )
  const failures = (await project.state.listFailures({ source })).filter(
    (failure) => failure.path === asked || failure.path.endsWith(`/${asked}`),
  )
  const newest = versions.at(-1)
  const ids = new Set(versions.map(({ id }) => id))
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
    records: versions.length === 0 ? [] : (await listRecords(project, {})).filter(({ file }) => ids.has(file)),
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

/** A paper for programs: its JSON as it is, not as a text. */
function readPaper({ file, text }: Explained['papers'][number]): { readonly file: string; readonly content: unknown } {
  if (text === null) return { file, content: null }
  try {
    return { file, content: JSON.parse(text) as unknown }
  } catch {
    return { file, content: text }
  }
}

async function retryFiles(args: FilesArgs, context: CommandContext): Promise<number> {
  const wanted = args.paths ?? []
  if (wanted.length === 0)
    throw new TidegateError('USAGE_PATH', 'files retry needs the path of a file', {
      hint: 'tidegate files ls --outcome held shows candidates.',
    })
  const [{ exitCodeOf }, { ingestPayload, ingestSources }] = await Promise.all([
    import('@tidegate/pipeline'),
    import('./ingest.ts'),
  ])
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
    await tellChannels(project, context)
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
