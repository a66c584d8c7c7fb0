/**
 * Where an ingestion that was made by API may read and write: inside of `server.roots`, whatever links lead there, and not
 * where Tidegate keeps its own secrets. It is checked anew whenever the configuration is opened.
 *
 *   (1) A place counts by its real path; of what is not there yet, by that of the nearest folder above.     [realPlace]
 *   (2) No pattern climbs: neither by `..` nor in the alternatives of a brace.                              [climbs]
 *   (3) The configuration, its `.env` and the state are never read as data or as a contract, nor written.   [checkReserved]
 *   (4) A database is only one that the operator named, with its table.                                     [checkDatabase]
 *   (5) What a template becomes is looked at again when it is used: a link may lie below its fixed part.    [leavesSandbox]
 */
import { lstatSync, realpathSync } from 'node:fs'
import path from 'node:path'
import type { Config, SourceConfig, TargetConfig } from '@tidegate/core'
import { compileGlob, globsOverlap, literalSegments, type Segment } from './glob-overlap.ts'
import { problemAt, type Problem } from './problem.ts'
import { isPostgresUrl } from './target-schema.ts'
import { valuePlace, type Tree } from './tree.ts'

/** What a configuration allows, looked up once for all of its ingestions. */
export interface Sandbox {
  readonly roots: readonly string[]
  /** Absolute files that are Tidegate's own. */
  readonly reserved: readonly { readonly file: string; readonly segments: readonly Segment[] }[]
  readonly databases: readonly Pick<TargetConfig, 'path' | 'table'>[]
  readonly real: (place: string) => string | undefined
}

export function openSandbox(base: Config): Sandbox {
  const known = new Map<string, string | undefined>()
  const real = (place: string): string | undefined => realPlace(path.resolve(place), known)
  const named = base.sources.filter(({ origin }) => origin === 'file').flatMap(({ targets }) => targets)
  return {
    roots: base.server.roots.map((root) => real(root)).filter((root) => root !== undefined),
    reserved: [...new Set(reservedFiles(base).flatMap((file) => [file, real(file) ?? file]))].map((file) => ({
      file,
      segments: literalSegments(file),
    })),
    databases: named.filter(({ kind }) => kind === 'postgres'),
    real,
  }
}

export function checkSandbox(source: SourceConfig, sandbox: Sandbox, tree: Tree): readonly Problem[] {
  return [
    ...placesOf(source).flatMap((place) => checkPlace(source, place, sandbox, tree)),
    ...checkReserved(source, sandbox, tree),
    ...source.targets.flatMap((target) => checkDatabase(source, target, sandbox, tree)),
  ]
}

/**
 * Why a place that a template of an ingestion became may not be used, undefined where it may. Places of sources of the file
 * are the operator's business.
 * @param place absolute
 */
export function leavesSandbox(
  origin: SourceConfig['origin'],
  place: string,
  config: Pick<Config, 'server' | 'file' | 'directory' | 'state'>,
): string | undefined {
  if (origin !== 'api') return undefined
  const known = new Map<string, string | undefined>()
  const real = realPlace(path.resolve(place), known)
  if (real === undefined) return 'it cannot be looked at'
  const roots = config.server.roots.map((root) => realPlace(path.resolve(root), known))
  if (!roots.some((root) => root !== undefined && isWithin(real, root)))
    return 'it lies outside of the folders that the API may use'
  const own = reservedFiles(config).flatMap((file) => [file, realPlace(file, known)])
  return own.includes(real) ? 'it is a file of Tidegate itself' : undefined
}

interface NamedPlace {
  /** Absolute; may hold placeholders. */
  readonly place: string
  readonly key: readonly string[]
}

function placesOf(source: SourceConfig): readonly NamedPlace[] {
  return [
    { place: source.root, key: ['path'] },
    { place: source.contract, key: ['contract'] },
    { place: source.quarantine.path, key: ['quarantine', 'path'] },
    ...(source.cleanSource.to === undefined ? [] : [{ place: source.cleanSource.to, key: ['clean_source', 'to'] }]),
    ...source.targets
      .filter(({ kind }) => kind !== 'postgres')
      .map((target) => ({ place: target.path, key: [...targetKey(source, target), 'path'] })),
  ]
}

function targetKey(source: SourceConfig, target: TargetConfig): readonly string[] {
  return target.name === 'target' && source.targets.length === 1 ? ['target'] : ['targets', target.name]
}

function checkPlace(
  source: SourceConfig,
  { place, key }: NamedPlace,
  { roots, real: realOf }: Sandbox,
  tree: Tree,
): readonly Problem[] {
  const at = ['sources', source.name, ...key]
  if (key[0] === 'path' && climbs(source.pattern)) {
    return [outside(tree, at, `\`${at.join('.')}\` climbs out of its folder`, 'Leave `..` out of the pattern.')]
  }
  const real = realOf(fixedPart(place))
  if (real !== undefined && roots.some((root) => isWithin(real, root))) return []
  const why = real === undefined ? 'cannot be looked at' : 'lies outside of the folders that the API may use'
  return [
    outside(
      tree,
      at,
      `\`${at.join('.')}\` ${why}`,
      'The operator names the folders in `server.roots` of tidegate.yaml.',
    ),
  ]
}

function climbs(pattern: string): boolean {
  return pattern.split(/[/{},]/).includes('..')
}

/** The folder above the first placeholder. A name after it is made of safe parts, and `..` was resolved before. */
function fixedPart(template: string): string {
  const parts = template.split('/')
  const wild = parts.findIndex((part) => part.includes('{'))
  return wild < 0 ? template : parts.slice(0, wild).join('/') || '/'
}

/**
 * Undefined where a link leads to nothing, or where it may not be looked at: nobody knows what will be there. Each folder is
 * looked at once: `known` holds what was found.
 */
function realPlace(absolute: string, known: Map<string, string | undefined>): string | undefined {
  const before = known.get(absolute)
  if (before !== undefined || known.has(absolute)) return before
  const real = lookUp(absolute, known)
  known.set(absolute, real)
  return real
}

function lookUp(absolute: string, known: Map<string, string | undefined>): string | undefined {
  try {
    if (lstatSync(absolute, { throwIfNoEntry: false }) !== undefined) return realpathSync.native(absolute)
  } catch {
    return undefined
  }
  const above = path.dirname(absolute)
  const real = above === absolute ? undefined : realPlace(above, known)
  return real === undefined ? undefined : path.join(real, path.basename(absolute))
}

function isWithin(place: string, root: string): boolean {
  return place === root || place.startsWith(root.endsWith(path.sep) ? root : root + path.sep)
}

function checkReserved(source: SourceConfig, sandbox: Sandbox, tree: Tree): readonly Problem[] {
  const { reserved } = sandbox
  const problems: Problem[] = []
  const tell = (key: readonly string[], what: string, hint: string): void => {
    const at = ['sources', source.name, ...key]
    problems.push(outside(tree, at, `\`${at.join('.')}\` ${what}`, hint))
  }
  const real = sandbox.real(source.root)
  const globs = [source.root, ...(real === undefined ? [] : [real])].flatMap((root) =>
    compileGlob(root, source.pattern),
  )
  if (reserved.some(({ segments }) => globs.some((glob) => globsOverlap(glob, segments)))) {
    tell(['path'], 'can match files of Tidegate itself', 'Name the folder where files land, or their extension.')
  }
  if (!/\.(ya?ml|json)$/i.test(source.contract) || isReserved(source.contract, sandbox)) {
    tell(['contract'], 'is no contract', 'Contracts of ingestions end in .yaml, .yml or .json.')
  }
  for (const target of source.targets) {
    if (target.kind === 'duckdb' && isReserved(target.path, sandbox)) {
      tell([...targetKey(source, target), 'path'], 'is a file of Tidegate itself', 'Name a file of its own.')
    }
  }
  return problems
}

/** By name and by real path. A template is taken for each name that it can have. */
function isReserved(template: string, { reserved, real }: Sandbox): boolean {
  const fixed = fixedPart(template)
  const below = fixed === template ? undefined : template.slice(fixed === '/' ? 1 : fixed.length + 1)
  const roots = [fixed, real(fixed) ?? fixed]
  if (below === undefined) return reserved.some(({ file }) => roots.includes(file))
  const globs = roots.flatMap((root) => compileGlob(root, below.replaceAll(/\{[^{}]*\}/g, '*')))
  return reserved.some(({ segments }) => globs.some((glob) => globsOverlap(glob, segments)))
}

/** What holds secrets, and what Tidegate cannot be without. */
function reservedFiles({ file, directory, state }: Pick<Config, 'file' | 'directory' | 'state'>): readonly string[] {
  const database = isPostgresUrl(state) ? [] : [state, `${state}-wal`, `${state}-shm`]
  return [file, path.join(directory, '.env'), ...database]
}

function checkDatabase(
  source: SourceConfig,
  target: TargetConfig,
  { databases }: Sandbox,
  tree: Tree,
): readonly Problem[] {
  if (target.kind !== 'postgres') return []
  if (databases.some((named) => named.path === target.path && named.table === target.table)) return []
  const at = ['sources', source.name, ...targetKey(source, target), 'url']
  return [
    problemAt(
      { ...valuePlace(tree, at), secret: true },
      'INGESTION_TARGET',
      `the postgres target of ${source.name} stands in no source of the configuration file`,
      {
        hint: 'An ingestion made by API writes to a database only where tidegate.yaml has a target with the same url and table.',
      },
    ),
  ]
}

function outside(tree: Tree, key: readonly string[], message: string, hint: string): Problem {
  return problemAt(valuePlace(tree, key), 'INGESTION_OUTSIDE', message, { hint })
}
