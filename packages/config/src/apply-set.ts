/** `--set a.b.c=value`: any key of the file, the value read as YAML. */
import { assertNever } from '@tidegate/core'
import { parseYaml } from './parse-yaml.ts'
import { problemAt, type Place, type Problem, type TextSource } from './problem.ts'
import { mergeTrees, type ListTree, type MapTree, type Tree } from './tree.ts'

export interface Overridden {
  readonly tree: Tree
  readonly problems: readonly Problem[]
}

export function applySet(tree: Tree, assignments: readonly string[]): Overridden {
  let result = tree
  const problems: Problem[] = []
  for (const assignment of assignments) {
    const source: TextSource = { file: '--set', lines: [assignment] }
    const place: Place = { source, line: 1, column: 1, endColumn: Math.max(2, assignment.length + 1) }
    const parsed = splitAssignment(assignment)
    if (parsed === undefined) {
      problems.push(
        problemAt(place, 'CONFIG_SYNTAX', 'not of the form key.key=value', {
          hint: 'For example --set sources.flights.gate.threshold=90; quote keys with dots: sources."a.b".repair=off.',
        }),
      )
      continue
    }
    const yaml = parseYaml(parsed.value, '--set', { kind: 'set' })
    const valuePlace: Place = { ...place, column: assignment.length - parsed.value.length + 1 }
    const wrong = yaml.problems.find((problem) => problem.severity === 'error')
    if (wrong !== undefined) {
      problems.push(problemAt(valuePlace, wrong.code, wrong.message, { hint: wrong.hint }))
      continue
    }
    const value: Tree = yaml.tree ?? { kind: 'scalar', value: null, place, origin: { kind: 'set' } }
    result = assign(result, parsed.keys, moved(value, valuePlace), place)
  }
  return { tree: result, problems }
}

function splitAssignment(text: string): { keys: readonly string[]; value: string } | undefined {
  const match = /^((?:"[^"]+"|[^".=\s]+)(?:\.(?:"[^"]+"|[^".=\s]+))*)=([^]*)$/.exec(text)
  if (match === null) return undefined
  const keys = [...(match[1] ?? '').matchAll(/"([^"]+)"|([^".]+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '')
  return { keys, value: match[2] ?? '' }
}

function assign(tree: Tree, keys: readonly string[], value: Tree, place: Place): Tree {
  const [key, ...rest] = keys
  if (key === undefined) return tree.kind === 'map' && value.kind === 'map' ? mergeTrees(tree, value) : value
  if (tree.kind === 'list' && /^\d+$/.test(key) && Number(key) < tree.items.length) {
    return replaceItem(tree, Number(key), (item) => assign(item, rest, value, place))
  }
  const map: MapTree = tree.kind === 'map' ? tree : { kind: 'map', entries: new Map(), place, origin: { kind: 'set' } }
  const [name, others] = longestKnownKey(map, keys) ?? [key, rest]
  const below = map.entries.get(name)
  const empty: Tree = { kind: 'map', entries: new Map(), place, origin: { kind: 'set' } }
  const entries = new Map(map.entries)
  entries.set(name, {
    key: below?.key ?? place,
    value: assign(below?.value ?? empty, others, value, place),
  })
  return { ...map, entries }
}

/** A source may be called `eu.flights`: of the keys that exist, the longest that fits is meant. */
function longestKnownKey(map: MapTree, keys: readonly string[]): readonly [string, readonly string[]] | undefined {
  for (let count = keys.length; count > 1; count--) {
    const name = keys.slice(0, count).join('.')
    if (map.entries.has(name)) return [name, keys.slice(count)]
  }
  return undefined
}

function replaceItem(list: ListTree, index: number, change: (item: Tree) => Tree): ListTree {
  return { ...list, items: list.items.map((item, at) => (at === index ? change(item) : item)) }
}

/** The places inside the value's own text, as places in the whole argument. */
function moved(tree: Tree, place: Place): Tree {
  switch (tree.kind) {
    case 'scalar':
      return { ...tree, place }
    case 'list':
      return { ...tree, place, items: tree.items.map((item) => moved(item, place)) }
    case 'map':
      return {
        ...tree,
        place,
        entries: new Map(
          [...tree.entries].map(([key, entry]) => [key, { key: place, value: moved(entry.value, place) }]),
        ),
      }
    default:
      return assertNever(tree)
  }
}
