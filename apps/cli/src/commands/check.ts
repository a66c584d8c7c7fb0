import { mkdtemp, rm, stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { TidegateError, type SourceFile } from '@tidegate/core'
import { checkFiles, type CheckReport } from '@tidegate/pipeline'
import { openBareEffects } from '@tidegate/project'
import { escapeGlob, splitGlob } from '@tidegate/storage'
import type { CommandContext } from '../context.ts'
import { shownPath } from '../doctor-targets.ts'
import { reportTo } from '../open.ts'
import { emit } from '../render/index.ts'
import { renderCheck, type Asked } from '../render/check-view.ts'

const DATA_FILES =
  '**/*.{parquet,pq,csv,tsv,json,ndjson,jsonl,geojson,csv.gz,tsv.gz,json.gz,ndjson.gz,csv.zst,json.zst,ndjson.zst}'

/** `check FILE|GLOB|DIR…`: needs no configuration; everything temporary lies in the system's temp folder and is deleted. */
export async function check(
  args: { readonly paths?: readonly string[]; readonly sample?: number; readonly sampleRows?: number },
  context: CommandContext,
): Promise<number> {
  const temp = await mkdtemp(path.join(os.tmpdir(), 'tidegate-check-'))
  try {
    const locations = await Promise.all(
      (args.paths ?? []).map((given) => locate(path.resolve(context.options.directory, given), given)),
    )
    const bare = openBareEffects({
      tempDirectory: temp,
      folders: [...locations.map((location) => location.root), temp],
      report: reportTo(context),
      signal: context.signal,
    })
    try {
      const files = await listFiles(locations, bare.effects, context)
      if (files.length === 0) {
        throw new TidegateError('CHECK_NO_FILES', `no data file matches ${(args.paths ?? []).join(' ')}`, {
          hint: 'Name a file, a quoted glob ("exports/*.csv") or a folder with .parquet, .csv, .json or .ndjson files.',
        })
      }
      const report = await checkFiles(files, { sampleRows: args.sample ?? 100_000 }, bare.effects)
      emit(
        context.options.output,
        payloadOf(report),
        () => renderCheck(report, askedFor(args.paths ?? [], files, context), args.sampleRows ?? 3, context),
        context.stdout,
      )
      return exitCodeOf(report)
    } finally {
      await bare.close()
    }
  } finally {
    await rm(temp, { recursive: true, force: true })
  }
}

function askedFor(words: readonly string[], files: readonly SourceFile[], { options }: CommandContext): Asked {
  const uris = new Map(files.map((file) => [file.path, file.uri]))
  return { words, shownPath: (file) => shownPath(uris.get(file) ?? file, options.directory) }
}

interface Location {
  readonly root: string
  readonly pattern: string
}

async function locate(absolute: string, given: string): Promise<Location> {
  const info = await stat(absolute).catch(() => undefined)
  if (info?.isDirectory() === true) return { root: absolute, pattern: DATA_FILES }
  if (info !== undefined) return { root: path.dirname(absolute), pattern: escapeGlob(path.basename(absolute)) }
  if (/[*?[{]/.test(given)) return splitGlob(absolute)
  throw new TidegateError('CHECK_NO_FILES', `there is no file or folder ${given}`, {
    hint: 'Quote a glob, so that the shell hands it over as it is: "landing/*.parquet".',
  })
}

async function listFiles(
  locations: readonly Location[],
  effects: ReturnType<typeof openBareEffects>['effects'],
  context: CommandContext,
): Promise<readonly SourceFile[]> {
  const files = new Map<string, SourceFile>()
  const base = commonFolder(locations.map((location) => location.root))
  for (const location of locations) {
    for await (const item of effects.store.discover(location)) {
      if (item.kind === 'file') files.set(item.file.uri, { ...item.file, path: path.relative(base, item.file.uri) })
      else context.progress.message('warn', `${item.path}: ${item.message}`)
    }
  }
  return [...files.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

function commonFolder(folders: readonly string[]): string {
  let common = folders[0] ?? '/'
  for (const folder of folders) {
    while (folder !== common && !folder.startsWith(common.endsWith(path.sep) ? common : common + path.sep))
      common = path.dirname(common)
  }
  return common
}

function exitCodeOf(report: CheckReport): number {
  const odd = report.groups.some((group) => group.files.some((file) => file.verdict === 'odd'))
  if (report.unreadable.length > 0) return report.groups.length === 0 ? 1 : 4
  return odd ? 3 : 0
}

function payloadOf(
  report: CheckReport,
): { schemaVersion: 1; kind: string; items: readonly unknown[] } & Record<string, unknown> {
  return {
    schemaVersion: 1,
    kind: 'check',
    filesSeen: report.filesSeen,
    groups: report.groups.map((group) => ({
      name: group.name,
      format: group.format,
      rows: group.rows,
      columns: group.columns,
      files: group.files.length,
      contract: group.contract,
      oddFiles: group.oddFiles,
    })),
    items: [
      ...report.groups.flatMap((group) => group.files.map((file) => ({ group: group.name, ...file }))),
      ...report.unreadable,
    ],
  }
}
