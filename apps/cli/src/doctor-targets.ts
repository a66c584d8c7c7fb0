/** Words of `validate-source` and `repair` → files. Paths and quoted globs need no configuration, names of sources do. */
import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { TidegateError, type SourceConfig } from '@tidegate/core'
import { listFolder } from '@tidegate/parquet'
import type { Project } from '@tidegate/project'
import { localStore, splitGlob } from '@tidegate/storage'
import type { CommandContext } from './context.ts'

/** `shown`: as people know it; `absolute`: where it lies; `below`: under the root of what was named, for results. */
export interface TargetPlace {
  readonly source: string | null
  readonly shown: string
  readonly absolute: string
  readonly below: string
}

export type Target = TargetPlace &
  (
    | { readonly kind: 'file'; readonly expected: SourceConfig['format']; readonly sizeBytes: number }
    | { readonly kind: 'unreadable'; readonly code: string; readonly message: string }
  )

export type Named =
  | { readonly kind: 'file'; readonly absolute: string; readonly sizeBytes: number; readonly isRegular: boolean }
  | { readonly kind: 'folder'; readonly absolute: string }
  | { readonly kind: 'glob'; readonly root: string; readonly pattern: string }
  | { readonly kind: 'source'; readonly source: SourceConfig; readonly project: Project }

export interface Targets {
  readonly named: readonly Named[]
  close(): Promise<void>
}

/**
 * What the words name; without words, all sources. A word that is a source of the project in the folder is that source, even
 * if a path has the same name.
 *
 * @throws TidegateError USAGE_NO_FILES for a word that is neither; what `openCliProject` throws where a source is needed
 */
export async function openTargets(words: readonly string[], what: string, context: CommandContext): Promise<Targets> {
  const { directory } = context.options
  const hasProject = existsSync(path.join(directory, 'tidegate.yaml'))
  const needsProject = words.length === 0 || (hasProject && words.some(couldBeSource))
  const project = needsProject ? await openProjectFor(what, context) : undefined
  try {
    if (words.length === 0 && project !== undefined)
      return {
        named: project.config.sources.map((source) => ({ kind: 'source', source, project })),
        close: async () => await project.close(),
      }
    const named: Named[] = []
    for (const word of words) named.push(await nameWord(word, project, directory))
    return { named, close: async () => await project?.close() }
  } catch (error) {
    await project?.close()
    throw error
  }
}

/** A path needs none of this: state, engines and checks are loaded for the name of a source only. */
async function openProjectFor(what: string, context: CommandContext): Promise<Project> {
  const { openCliProject } = await import('./open.ts')
  return await openCliProject(context, { what, readOnly: true })
}

function couldBeSource(word: string): boolean {
  return !/[/\\*?[{]/.test(word)
}

async function nameWord(word: string, project: Project | undefined, directory: string): Promise<Named> {
  const source = project?.config.sources.find(({ name }) => name === word)
  if (source !== undefined && project !== undefined) return { kind: 'source', source, project }
  const absolute = path.resolve(directory, word)
  const info = await stat(absolute).catch(() => undefined)
  if (info?.isDirectory() === true) return { kind: 'folder', absolute }
  if (info !== undefined) return { kind: 'file', absolute, sizeBytes: info.size, isRegular: info.isFile() }
  if (/[*?[{]/.test(word)) return { kind: 'glob', ...splitGlob(absolute) }
  if (project !== undefined && couldBeSource(word)) {
    const { selectSources } = await import('@tidegate/project')
    selectSources(project.config, [word])
  }
  throw new TidegateError('USAGE_NO_FILES', `there is no file, folder or source ${word}`, {
    hint: 'Quote a glob, so that the shell hands it over as it is: "landing/*.parquet". Sources need a tidegate.yaml in the folder of -C.',
    dataNow: 'Nothing was read or changed.',
  })
}

/** The files of what was named, in a stable order, one after the other. Nothing of them is read. */
export async function* listTargets(named: readonly Named[], context: CommandContext): AsyncGenerator<Target> {
  const { directory } = context.options
  const roots = named.flatMap((each) => (each.kind === 'source' ? [] : [rootOf(each)]))
  const common = commonFolder(roots)
  for (const each of named) {
    context.signal.throwIfAborted()
    if (each.kind === 'source') {
      const several = named.length > 1 ? each.source.name : ''
      yield* listOfSource(each, several, context)
      continue
    }
    const place = (absolute: string): TargetPlace => ({
      source: null,
      shown: shownPath(absolute, directory),
      absolute,
      below: path.relative(common, absolute),
    })
    if (each.kind === 'file') {
      yield each.isRegular
        ? { ...place(each.absolute), kind: 'file', expected: 'auto', sizeBytes: each.sizeBytes }
        : {
            ...place(each.absolute),
            kind: 'unreadable',
            code: 'SOURCE_NOT_A_FILE',
            message: 'It is a pipe, a socket or a device, not a file.',
          }
    } else if (each.kind === 'folder') {
      for await (const entry of listFolder(each.absolute, { recursive: true, signal: context.signal })) {
        if (entry.kind === 'data')
          yield { ...place(entry.absolute), kind: 'file', expected: 'parquet', sizeBytes: entry.sizeBytes }
        else if (entry.kind === 'failure')
          yield { ...place(entry.absolute), kind: 'unreadable', code: 'PQ904', message: entry.message }
      }
    } else {
      for await (const item of localStore().discover(each)) {
        context.signal.throwIfAborted()
        if (item.kind === 'file')
          yield { ...place(item.file.uri), kind: 'file', expected: 'auto', sizeBytes: item.file.sizeBytes }
        else yield { ...place(item.uri), kind: 'unreadable', code: item.code, message: item.message }
      }
    }
  }
}

async function* listOfSource(
  { source, project }: Extract<Named, { kind: 'source' }>,
  folder: string,
  context: CommandContext,
): AsyncGenerator<Target> {
  const [{ listSource }, { effectsFor }] = await Promise.all([import('@tidegate/pipeline'), import('./open.ts')])
  for (const item of await listSource(source, project.exclude, effectsFor(source, project, context))) {
    const [absolute, below] = item.kind === 'file' ? [item.file.uri, item.file.path] : [item.uri, item.path]
    const place = { source: source.name, shown: below, absolute, below: path.join(folder, below) }
    yield item.kind === 'file'
      ? { ...place, kind: 'file', expected: source.format, sizeBytes: item.file.sizeBytes }
      : { ...place, kind: 'unreadable', code: item.code, message: item.message }
  }
}

/** Below the folder of -C without its name, so that it can be pasted behind `tidegate -C`. */
export function shownPath(absolute: string, directory: string): string {
  const relative = path.relative(directory, absolute)
  if (relative === '') return '.'
  return relative === '..' || relative.startsWith(`..${path.sep}`) ? absolute : relative
}

function rootOf(named: Exclude<Named, { kind: 'source' }>): string {
  if (named.kind === 'glob') return named.root
  return named.kind === 'folder' ? named.absolute : path.dirname(named.absolute)
}

/** The lowest folder that holds all of them. */
function commonFolder(folders: readonly string[]): string {
  let common = folders[0] ?? path.sep
  for (const folder of folders) {
    const isBelow = (above: string): boolean =>
      folder === above || folder.startsWith(above.endsWith(path.sep) ? above : above + path.sep)
    while (!isBelow(common)) common = path.dirname(common)
  }
  return common
}
