/**
 * Who may read and write where. A source must not find what Tidegate itself writes (it would load its own output), and
 * no two sources may find the same file (it would be loaded twice).
 */
import path from 'node:path'
import type { Config, SourceConfig, TargetConfig } from '@tidegate/core'
import { compileGlob, globsOverlap, literalPrefix, literalSegments, type Segment } from './glob-overlap.ts'
import { problemAt, type Problem } from './problem.ts'
import { isPostgresUrl } from './target-schema.ts'
import { treeAt, valuePlace, variableWords, type Tree, type TreePath } from './tree.ts'

export function checkPlaces(config: Config, tree: Tree): readonly Problem[] {
  return [...checkOverlaps(config.sources, tree), ...checkWrites(config, tree), ...checkTargets(config.sources, tree)]
}

/** Globs of absolute paths. */
type Territory = readonly (readonly Segment[])[]

function checkOverlaps(sources: readonly SourceConfig[], tree: Tree): readonly Problem[] {
  const territories = sources.map((source) => compileGlob(source.root, source.pattern))
  const problems: Problem[] = []
  for (const [first, second] of meetings(territories, territories)) {
    const [a, b] = [sources[first], sources[second]]
    if (first >= second || a === undefined || b === undefined) continue
    const message =
      a.root === b.root && a.pattern === b.pattern
        ? `sources ${a.name} and ${b.name} read the same files (${shownSource(a, tree)})`
        : `sources ${a.name} (${shownSource(a, tree)}) and ${b.name} (${shownSource(b, tree)}) can match the same file`
    problems.push(
      problemAt(valuePlace(tree, ['sources', b.name, 'path']), 'CONFIG_SOURCE_OVERLAP', message, {
        hint: `A file belongs to at most one source: give one of them its own folder or a narrower pattern. ${a.name} is on line ${a.position.line}.`,
      }),
    )
  }
  return problems
}

function shownSource({ name, path: written }: SourceConfig, tree: Tree): string {
  return variableWords(tree, ['sources', name, 'path']) ?? written
}

interface Write {
  readonly globs: Territory
  readonly what: string
  readonly shown: string
  readonly path: TreePath
}

function checkWrites(config: Config, tree: Tree): readonly Problem[] {
  const writes: Write[] = [
    ...config.sources.flatMap((source) => [
      ...source.targets.flatMap((target) => targetWrite(source, target, config)),
      ...(source.cleanSource.to === undefined
        ? []
        : [
            folder(
              source.cleanSource.to,
              `the archive of source ${source.name}`,
              ['sources', source.name, 'clean_source', 'to'],
              config,
            ),
          ]),
      folder(
        source.quarantine.path,
        `the quarantine of source ${source.name}`,
        ['sources', source.name, 'quarantine', 'path'],
        config,
      ),
    ]),
    folder(config.limits.tempDirectory, 'the folder for temporary files', ['limits', 'temp'], config),
    folder(config.repaired, 'the folder for repaired files', ['repaired'], config),
  ]
  const files: readonly Write[] = [
    ...(isPostgresUrl(config.state) ? [] : [databaseFile(config.state, 'the state database', ['state'], config)]),
    ...config.sources.flatMap((source) => source.targets.flatMap((target) => targetFile(source, target, config))),
  ]
  const read = config.sources.map((source) => compileGlob(source.root, source.pattern))
  // Folders count as inside whatever the pattern's file name is: what lands there has many names.
  const reach = read.map((globs) => globs.map(anyFileName))

  return [
    ...meetings(
      writes.map(({ globs }) => globs),
      reach,
    ).map(([write, source]) => insideProblem(writes[write], config.sources[source], tree)),
    ...meetings(
      files.map(({ globs }) => globs),
      read,
    ).map(([write, source]) => insideProblem(files[write], config.sources[source], tree)),
  ].flat()
}

function targetKey(source: SourceConfig, target: TargetConfig, key: string): TreePath {
  return target.name === 'target' && source.targets.length === 1
    ? ['sources', source.name, 'target', key]
    : ['sources', source.name, 'targets', target.name, key]
}

function targetWrite(source: SourceConfig, target: TargetConfig, config: Config): readonly Write[] {
  if (target.kind === 'postgres' || target.kind === 'duckdb') return []
  return [folder(target.path, targetWords(source, target), targetKey(source, target, 'path'), config)]
}

function targetFile(source: SourceConfig, target: TargetConfig, config: Config): readonly Write[] {
  if (target.kind !== 'duckdb') return []
  return [databaseFile(target.path, targetWords(source, target), targetKey(source, target, 'path'), config)]
}

function targetWords(source: SourceConfig, target: TargetConfig): string {
  return source.targets.length === 1
    ? `the target of source ${source.name}`
    : `target ${target.name} of source ${source.name}`
}

/** A database file and what its engine puts beside it: `-wal`, `-shm`, `.wal`. */
function databaseFile(template: string, what: string, key: TreePath, config: Config): Write {
  const globs = template.includes('{')
    ? folder(template, what, key, config).globs.map((glob) => glob.slice(0, -2))
    : [literalSegments(template)]
  return { what, shown: shownPath(template, config), path: key, globs: globs.map(withStar) }
}

function folder(template: string, what: string, key: TreePath, config: Config): Write {
  const parts = template.split('/')
  const wild = parts.findIndex((part) => part.includes('{'))
  const root = wild < 0 ? template : parts.slice(0, wild).join('/') || '/'
  const below = wild < 0 ? [] : parts.slice(wild).map((part) => part.replaceAll(/\{[^{}]*\}/g, '*'))
  return {
    what,
    shown: shownPath(template, config),
    path: key,
    globs: compileGlob(root, [...below, '**', '*'].join('/')),
  }
}

function shownPath(absolute: string, config: Config): string {
  const relative = path.relative(config.directory, absolute)
  return relative.startsWith('..') || path.isAbsolute(relative) || relative === '' ? absolute : relative
}

function insideProblem(write: Write | undefined, source: SourceConfig | undefined, tree: Tree): readonly Problem[] {
  if (write === undefined || source === undefined) return []
  const written = treeAt(tree, write.path) !== undefined
  const shown = variableWords(tree, write.path) ?? write.shown
  const message = `${write.what} (${shown}) lies inside the files of source ${source.name} (${shownSource(source, tree)})`
  return [
    problemAt(
      valuePlace(tree, written ? write.path : ['sources', source.name, 'path']),
      'CONFIG_TARGET_IN_SOURCE',
      written ? message : `${message}; it is the default`,
      {
        hint: `Tidegate would find its own files there. Set \`${write.path.join('.')}\` to a folder outside, or narrow the pattern.`,
      },
    ),
  ]
}

function withStar(segments: readonly Segment[]): readonly Segment[] {
  const last = segments.at(-1)
  return last?.kind === 'name'
    ? [...segments.slice(0, -1), { kind: 'name', tokens: [...last.tokens, { kind: 'star' }] }]
    : segments
}

function anyFileName(segments: readonly Segment[]): readonly Segment[] {
  return [...segments.slice(0, -1), { kind: 'name', tokens: [{ kind: 'star' }] }]
}

/** Two sources that write one folder share a commit log, and each would take the other for a newer writer. */
function checkTargets(sources: readonly SourceConfig[], tree: Tree): readonly Problem[] {
  const first = new Map<string, SourceConfig>()
  const problems: Problem[] = []
  for (const source of sources) {
    for (const target of source.targets) {
      const place = placeOf(source, target)
      const other = first.get(place)
      // With file names in it two sources may share it only if their files have the same names.
      if (other === undefined || (other !== source && /[{}]/.test(place))) {
        first.set(place, source)
        continue
      }
      const key = target.kind === 'postgres' ? 'url' : 'path'
      const where = valuePlace(tree, targetKey(source, target, key))
      if (other === source) {
        problems.push(
          problemAt(where, 'CONFIG_VALUE', `two targets of source ${source.name} are the same place`, {
            hint: 'Each target has a commit log of its own: give it its own folder or table.',
          }),
        )
        continue
      }
      problems.push(
        problemAt(where, 'CONFIG_VALUE', `sources ${other.name} and ${source.name} write to the same target`, {
          severity: 'warning',
          hint: `Give each its own ${target.kind === 'duckdb' || target.kind === 'postgres' ? 'table' : 'folder'}: a target has one writer at a time.`,
        }),
      )
    }
  }
  return problems
}

/** What tells targets apart. Never shown: it may hold a password. */
function placeOf(source: SourceConfig, target: TargetConfig): string {
  const dataset = source.dataset.replaceAll('{source}', source.name)
  const isTable = target.kind === 'duckdb' || target.kind === 'postgres'
  return [target.path, ...(isTable ? [target.table.includes('.') ? target.table : `main.${target.table}`] : [])]
    .join('#')
    .replaceAll('{source}', source.name)
    .replaceAll('{dataset}', dataset)
}

/**
 * Pairs of indexes whose territories share a possible path, in order.
 *
 * Two globs can only meet if what stands before the first wildcard of one begins with that of the other. Sorted by it,
 * the candidates of a glob are those still open on a stack, so thousands of sources side by side stay cheap.
 */
function meetings(as: readonly Territory[], bs: readonly Territory[]): readonly (readonly [number, number])[] {
  const claims = [...claimsOf(as, 'a'), ...claimsOf(bs, 'b')]
  claims.sort((one, other) => (one.prefix < other.prefix ? -1 : one.prefix > other.prefix ? 1 : 0))
  const pairs = new Map<string, readonly [number, number]>()
  const open: Claim[] = []
  for (const claim of claims) {
    while (open.length > 0 && !claim.prefix.startsWith(open.at(-1)?.prefix ?? '')) open.pop()
    for (const other of open) {
      if (other.side === claim.side) continue
      const pair = claim.side === 'a' ? ([claim.index, other.index] as const) : ([other.index, claim.index] as const)
      if (!pairs.has(pair.join(':')) && globsOverlap(claim.glob, other.glob)) pairs.set(pair.join(':'), pair)
    }
    open.push(claim)
  }
  return [...pairs.values()].sort(([a, b], [c, d]) => a - c || b - d)
}

interface Claim {
  readonly side: 'a' | 'b'
  readonly index: number
  readonly glob: readonly Segment[]
  readonly prefix: string
}

function claimsOf(territories: readonly Territory[], side: 'a' | 'b'): readonly Claim[] {
  return territories.flatMap((globs, index) =>
    globs.map((glob) => ({ side, index, glob, prefix: literalPrefix(glob) })),
  )
}
