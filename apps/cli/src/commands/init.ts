import { mkdir, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { configTemplate, type TemplateKind, type TemplateSource } from '@tidegate/config'
import { TidegateError, codeOf } from '@tidegate/core'
import { openBareEffects } from '@tidegate/project'
import { escapeGlob, splitGlob } from '@tidegate/storage'
import type { CommandContext } from '../context.ts'
import { emit } from '../render/index.ts'
import { shellWord } from '../render/ingest-view.ts'
import { shareColumns } from '../share-columns.ts'

/** Writes a project's first files. Never overwrites one unless told to. */
export async function init(
  args: { readonly template?: string; readonly from?: readonly string[]; readonly force?: boolean },
  context: CommandContext,
): Promise<number> {
  const { directory } = context.options
  const sources = await inferSources(args.from ?? [], directory, context)
  const { files } = configTemplate((args.template ?? 'landing-zone') as TemplateKind, sources)
  await mkdir(directory, { recursive: true })
  const written: { path: string; action: 'written' | 'kept' }[] = []
  for (const file of files) {
    const target = path.join(directory, file.path)
    await mkdir(path.dirname(target), { recursive: true })
    try {
      await writeFile(target, file.text, { flag: args.force === true ? 'w' : 'wx' })
      written.push({ path: file.path, action: 'written' })
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
      if (file.path === 'tidegate.yaml') {
        throw new TidegateError('INIT_EXISTS', `${target} exists already`, {
          dataNow: 'Nothing was changed.',
          hint: 'Edit it, choose another folder with -C DIR, or overwrite it with --force.',
        })
      }
      written.push({ path: file.path, action: 'kept' })
    }
  }
  const where = directory === process.cwd() ? '' : ` -C ${shellWord(path.relative(process.cwd(), directory))}`
  const next = [`tidegate${where} config check`, `tidegate${where} profile`, `tidegate${where} ingest`]
  emit(
    context.options.output,
    { schemaVersion: 1, kind: 'init', sources, next, items: written },
    () =>
      [
        ...written.map((file) => `${file.action.padEnd(8)} ${file.path}`),
        sources.length > 0
          ? `sources  ${sources.map((source) => source.name).join(', ')}`
          : 'Edit the source in tidegate.yaml, then:',
        '',
        context.style.bold('Next'),
        ...next.map(
          (line, index) =>
            `  ${line.padEnd(34)} # ${['is the configuration right?', 'learn a contract from the data', 'load what keeps it'][index]}`,
        ),
      ].join('\n'),
    context.stdout,
  )
  return 0
}

/** One source per folder or glob given; many tables of different columns in one folder become one source with `{stem}`. */
async function inferSources(
  from: readonly string[],
  directory: string,
  context: CommandContext,
): Promise<readonly TemplateSource[]> {
  const sources: TemplateSource[] = []
  for (const given of from) {
    const { location, isFolder, found } = await findGiven(given, directory, context)
    for (const [folder, files] of found) {
      const extension = commonest(files.map((file) => dataExtension(file)))
      const matching = files.filter((file) => dataExtension(file) === extension)
      const name = safeName(folder === '' ? path.basename(location.root) : path.basename(folder))
      const pattern = isFolder ? `*${mixed(files) ? '' : extension}` : path.basename(location.pattern)
      const base = path.relative(directory, path.join(location.root, folder))
      sources.push({
        name: uniqueName(name, sources),
        path: path.join(base.startsWith('..') ? path.join(location.root, folder) : base, pattern),
        format: formatOf(mixed(files) ? '' : extension),
        dataset:
          (await isOneTable(path.join(location.root, folder), matching)) && !mixed(files) ? '{source}' : '{stem}',
      })
    }
  }
  return sources
}

interface Given {
  readonly location: { readonly root: string; readonly pattern: string }
  readonly isFolder: boolean
  /** Names of data files by folder, below the root. */
  readonly found: ReadonlyMap<string, readonly string[]>
}

/** What is given counts from the project's folder, and from the working directory where nothing is found there. */
async function findGiven(given: string, directory: string, context: CommandContext): Promise<Given> {
  const places = [...new Set([path.resolve(directory, given), path.resolve(given)])]
  let there = false
  for (const absolute of places) {
    const info = await stat(absolute).catch(() => undefined)
    if (info === undefined && !/[*?[{]/.test(given)) continue
    const isFolder = info?.isDirectory() === true
    const location = isFolder
      ? { root: absolute, pattern: '**/*' }
      : info !== undefined
        ? { root: path.dirname(absolute), pattern: escapeGlob(path.basename(absolute)) }
        : splitGlob(absolute)
    there = true
    if ((await stat(location.root).catch(() => undefined)) === undefined) continue
    const found = await listByFolder(location, context)
    if (found.size > 0) return { location, isFolder, found }
  }
  const message = there ? `no data file matches ${given}` : `there is no file or folder ${given}`
  throw new TidegateError('INIT_NO_FILES', message, {
    dataNow: 'Nothing was written.',
    hint: `Looked at ${places.join(' and ')}. Name a folder, a file or a quoted glob of Parquet, CSV or JSON files.`,
  })
}

async function listByFolder(
  location: { root: string; pattern: string },
  context: CommandContext,
): Promise<Map<string, string[]>> {
  const bare = openBareEffects({ tempDirectory: undefined, folders: [], report: () => {}, signal: context.signal })
  const folders = new Map<string, string[]>()
  for await (const item of bare.effects.store.discover(location)) {
    if (item.kind !== 'file' || dataExtension(item.file.path) === '') continue
    const folder = path.dirname(item.file.path) === '.' ? '' : path.dirname(item.file.path)
    folders.set(folder, [...(folders.get(folder) ?? []), path.basename(item.file.path)])
  }
  await bare.close()
  return folders
}

function dataExtension(name: string): string {
  return /\.(parquet|pq|csv|tsv|json|ndjson|jsonl|geojson)(\.gz|\.zst)?$/i.exec(name)?.[0].toLowerCase() ?? ''
}

function mixed(files: readonly string[]): boolean {
  return new Set(files.map((file) => dataExtension(file))).size > 1
}

/** Names that differ only in digits and dates are one table in many files, and so are files of the same columns. */
async function isOneTable(folder: string, files: readonly string[]): Promise<boolean> {
  const shapes = [...Map.groupBy(files, (file) => file.replaceAll(/\d+/g, '#')).values()]
  const largest = Math.max(0, ...shapes.map((shape) => shape.length))
  // A copy sent again under another name must not make a table of every week.
  if (shapes.length === 1 || (files.length >= 5 && largest >= files.length * 0.7)) return true
  return (await shareColumns(files.map((file) => path.join(folder, file)))) === true
}

function formatOf(extension: string): TemplateSource['format'] {
  if (/^\.(parquet|pq)$/.test(extension)) return 'parquet'
  if (/^\.(csv|tsv)/.test(extension)) return 'csv'
  if (/^\.(ndjson|jsonl)/.test(extension)) return 'ndjson'
  return extension === '' ? 'auto' : 'json'
}

function commonest(items: readonly string[]): string {
  const counts = Map.groupBy(items, (item) => item)
  return [...counts].toSorted((a, b) => b[1].length - a[1].length)[0]?.[0] ?? ''
}

function safeName(name: string): string {
  const cleaned = name
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{N}_.-]/gu, '_')
    .replaceAll('..', '_')
    .replace(/^[^\p{L}\p{N}]+/u, '')
  return cleaned === '' ? 'source' : cleaned
}

function uniqueName(name: string, taken: readonly TemplateSource[]): string {
  let unique = name
  for (let count = 2; taken.some((source) => source.name === unique); count++) unique = `${name}-${count}`
  return unique
}
