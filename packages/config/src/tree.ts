import { assertNever } from '@tidegate/core'
import type { Place } from './problem.ts'

/**
 * A YAML document as values with places. Overlays, `--set` and variables work on it, so that every value in force still
 * knows where it was written.
 */
export type Tree = ScalarTree | ListTree | MapTree

export interface ScalarTree {
  readonly kind: 'scalar'
  /** Integers beyond ±2^53−1 are bigints. */
  readonly value: string | number | bigint | boolean | null
  readonly place: Place
  readonly origin: ValueOrigin
}

export interface ListTree {
  readonly kind: 'list'
  readonly items: readonly Tree[]
  readonly place: Place
  readonly origin: ValueOrigin
}

export interface MapTree {
  readonly kind: 'map'
  readonly entries: ReadonlyMap<string, MapEntry>
  readonly place: Place
  readonly origin: ValueOrigin
}

export interface MapEntry {
  readonly key: Place
  readonly value: Tree
}

/** Where a value in force comes from. */
export type ValueOrigin =
  | { readonly kind: 'default' }
  | { readonly kind: 'file'; readonly file: string; readonly line: number }
  | { readonly kind: 'environment'; readonly name: string }
  | { readonly kind: 'set' }
  /** At least one of them was looked up; names in order of appearance. */
  | { readonly kind: 'variable'; readonly names: readonly string[] }

export type TreePath = readonly (string | number)[]

export function childAt(tree: Tree | undefined, key: string | number): Tree | undefined {
  if (tree?.kind === 'map') return tree.entries.get(String(key))?.value
  if (tree?.kind === 'list' && typeof key === 'number') return tree.items[key]
  return undefined
}

export function treeAt(tree: Tree, path: TreePath): Tree | undefined {
  let node: Tree | undefined = tree
  for (const key of path) node = childAt(node, key)
  return node
}

/** `the value of variable HOOK` where the value came from variables: it may be a secret, so it is named and not quoted. */
export function variableWords(tree: Tree, path: TreePath): string | undefined {
  const origin = treeAt(tree, path)?.origin
  if (origin?.kind !== 'variable') return undefined
  return `the value of variable${origin.names.length > 1 ? 's' : ''} ${origin.names.join(', ')}`
}

/** The address of a channel or a database, and what a channel proves itself with: whoever knows it may write there. */
export function isSecretKey(path: TreePath): boolean {
  if (path[0] === 'channels') return path.length >= 3 && SECRET_KEYS.has(path[2] ?? '')
  return path[0] === 'sources' && path.at(-1) === 'url' && (path[2] === 'target' || path[2] === 'targets')
}

const SECRET_KEYS: ReadonlySet<string | number> = new Set(['url', 'secret', 'password', 'token', 'headers'])

/** Where the key was written, or its nearest ancestor's that was. */
export function keyPlace(tree: Tree, path: TreePath): Place {
  let node: Tree | undefined = tree
  let place = tree.place
  for (const key of path) {
    if (node === undefined) break
    if (node.kind === 'map') place = node.entries.get(String(key))?.key ?? place
    else if (node.kind === 'list') place = childAt(node, key)?.place ?? place
    node = childAt(node, key)
  }
  return place
}

/** Where the value was written; where a list or a map stands, its key. */
export function valuePlace(tree: Tree, path: TreePath): Place {
  const node = treeAt(tree, path)
  return node?.kind === 'scalar' ? node.place : keyPlace(tree, path)
}

/** `over` laid on `under`: maps merge key by key, everything else is replaced. */
export function mergeTrees(under: Tree, over: Tree): Tree {
  if (under.kind !== 'map' || over.kind !== 'map') return over
  const entries = new Map(under.entries)
  for (const [key, entry] of over.entries) {
    const below = entries.get(key)
    entries.set(key, below === undefined ? entry : { key: entry.key, value: mergeTrees(below.value, entry.value) })
  }
  return { ...under, entries }
}

/** The tree with another origin on every node. */
export function withOrigin(tree: Tree, origin: ValueOrigin): Tree {
  switch (tree.kind) {
    case 'scalar':
      return { ...tree, origin }
    case 'list':
      return { ...tree, origin, items: tree.items.map((item) => withOrigin(item, origin)) }
    case 'map':
      return {
        ...tree,
        origin,
        entries: new Map(
          [...tree.entries].map(([key, entry]) => [key, { key: entry.key, value: withOrigin(entry.value, origin) }]),
        ),
      }
    default:
      return assertNever(tree)
  }
}

/** `a.b.c`, with keys quoted that hold other characters than letters, digits, `_` and `-`. */
export function pathText(path: TreePath): string {
  return path
    .map((key) => (/^[\p{L}\p{N}_-]+$/u.test(String(key)) ? String(key) : JSON.stringify(String(key))))
    .join('.')
}

/**
 * Plain values without prototypes. `dropNulls`: a key with nothing after it counts as not written.
 * `mangleProto`: the key `__proto__` gets a NUL in front, because zod passes over it in silence; see {@link unmangle}.
 */
export function toPlain(tree: Tree, options: { dropNulls: boolean; mangleProto: boolean }): unknown {
  if (tree.kind === 'scalar') return tree.value
  if (tree.kind === 'list') return tree.items.map((item) => toPlain(item, options))
  const result = Object.create(null) as Record<string, unknown>
  for (const [key, entry] of tree.entries) {
    if (options.dropNulls && entry.value.kind === 'scalar' && entry.value.value === null) continue
    result[options.mangleProto && key === '__proto__' ? MANGLED_PROTO : key] = toPlain(entry.value, options)
  }
  return result
}

export function unmangle(key: string | number): string | number {
  return key === MANGLED_PROTO ? '__proto__' : key
}

const MANGLED_PROTO = '\u0000__proto__'
