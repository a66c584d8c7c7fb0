import type { Contract } from '@tidegate/core'
import { checkShape } from './check-shape.ts'
import { contractSchema } from './contract-schema.ts'
import { contractKeySchema } from './json-schema.ts'
import { parseYaml } from './parse-yaml.ts'
import { problemAt, sortProblems, type Problem } from './problem.ts'
import { readParsed } from './read-text.ts'
import { toPlain, treeAt, valuePlace, type Tree } from './tree.ts'

export type ContractResult =
  | { readonly kind: 'ok'; readonly contract: Contract; readonly warnings: readonly Problem[] }
  /** At least one is an error; warnings are among them. Sorted by place. */
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] }

/**
 * The text of a contract (YAML or JSON) → contract, or everything that is wrong with its shape.
 *
 * `schema`, `expectations` and the `kwargs` of an expectation may be missing; they come back empty. Integers beyond
 * ±2^53−1 come back as texts with all their digits, as core's JSON codec has it. Nothing is expanded: `${` is a text.
 */
export function parseContract(text: string, file: string): ContractResult {
  const yaml = parseYaml(text, file)
  const problems: Problem[] = [...yaml.problems]
  const tree = yaml.tree
  if (tree?.kind !== 'map') {
    if (!problems.some((problem) => problem.severity === 'error')) {
      const place = tree?.place ?? { source: yaml.source, line: 1, column: 1, endColumn: 2 }
      const empty = tree === undefined || (tree.kind === 'scalar' && tree.value === null)
      problems.push(
        problemAt(
          place,
          empty ? 'CONFIG_MISSING_KEY' : 'CONFIG_TYPE',
          empty ? 'the contract is empty' : 'a contract must be a map of keys',
          { hint: 'It starts with `contract: <dataset>` and `version: 1`.' },
        ),
      )
    }
    return { kind: 'problems', problems: sortProblems(problems) }
  }

  const shape = checkShape(tree, {
    schema: contractSchema,
    jsonSchema: contractKeySchema,
    plain: toPlain(withoutEmptyKeys(tree), { dropNulls: false, mangleProto: true }),
  })
  problems.push(...shape.problems, ...checkIds(tree))
  const sorted = sortProblems(problems)
  return sorted.some((problem) => problem.severity === 'error')
    ? { kind: 'problems', problems: sorted }
    : { kind: 'ok', contract: toContract(tree), warnings: sorted }
}

/** Reads a contract file. @throws TidegateError `CONFIG_UNREADABLE` when it is there and cannot be read */
export async function readContract(
  file: string,
): Promise<ContractResult | { readonly kind: 'missing'; readonly file: string }> {
  return readParsed(file, parseContract)
}

/** Checked by shape already; only what may be left out is filled in. */
function toContract(tree: Tree): Contract {
  const plain = jsonOf(withoutEmptyKeys(tree)) as Omit<Contract, 'schema' | 'expectations'> & {
    schema?: Partial<Contract['schema']>
    expectations?: readonly (Omit<Contract['expectations'][number], 'kwargs'> & {
      kwargs?: Contract['expectations'][number]['kwargs']
    })[]
  }
  return {
    ...plain,
    schema: { columns: plain.schema?.columns ?? {} },
    expectations: (plain.expectations ?? []).map((expectation) =>
      Object.assign(expectation, { kwargs: expectation.kwargs ?? {} }),
    ),
  }
}

/**
 * Plain values: big integers and numbers that are not finite as texts. Maps are ordinary objects, for `toEqual` and
 * friends, with `__proto__` as a key like any other.
 */
export function jsonOf(tree: Tree): unknown {
  if (tree.kind === 'list') return tree.items.map(jsonOf)
  if (tree.kind === 'map') {
    const result = {}
    for (const [key, { value }] of tree.entries) {
      Object.defineProperty(result, key, { value: jsonOf(value), enumerable: true, configurable: true, writable: true })
    }
    return result
  }
  if (typeof tree.value === 'bigint') return tree.value.toString()
  return typeof tree.value === 'number' && !Number.isFinite(tree.value) ? String(tree.value) : tree.value
}

/** A key with nothing after it counts as not written, but for arguments and parameters: there, null is a value. */
function withoutEmptyKeys(tree: Tree, top = true): Tree {
  if (tree.kind === 'list') return { ...tree, items: tree.items.map((item) => withoutEmptyKeys(item, false)) }
  if (tree.kind === 'scalar') return tree
  const entries = [...tree.entries]
    .filter(([, { value }]) => value.kind !== 'scalar' || value.value !== null)
    .map(([key, entry]) =>
      key === 'kwargs' || key === 'meta' || (top && key === 'parameters')
        ? ([key, entry] as const)
        : ([key, { ...entry, value: withoutEmptyKeys(entry.value, false) }] as const),
    )
  return { ...tree, entries: new Map(entries) }
}

function checkIds(tree: Tree): readonly Problem[] {
  const list = treeAt(tree, ['expectations'])
  if (list?.kind !== 'list') return []
  const problems: Problem[] = []
  const lines = new Map<string, number>()
  for (const [index, item] of list.items.entries()) {
    const id = treeAt(item, ['id'])
    if (id?.kind !== 'scalar' || typeof id.value !== 'string') continue
    const first = lines.get(id.value)
    if (first === undefined) lines.set(id.value, id.place.line)
    else {
      problems.push(
        problemAt(
          valuePlace(tree, ['expectations', index, 'id']),
          'CONFIG_VALUE',
          `two expectations have the id ${JSON.stringify(id.value.slice(0, 80))}; the first is on line ${first}`,
          { hint: 'Ids are unique in a contract; leave it out to have one derived.' },
        ),
      )
    }
  }
  return problems
}
