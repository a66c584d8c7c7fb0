/**
 * Holds a tree against a zod schema and says everything that is wrong, at its place.
 *
 * What is wrong is then cut out and the rest tried again, so that one bad key does not hide the problems that are found
 * later (overlaps, unknown channels).
 */
import type { z } from 'zod'
import { findKey, keysAt, type SchemaNode } from './known-keys.ts'
import { parseYaml } from './parse-yaml.ts'
import { problemAt, quoteValue, type Problem } from './problem.ts'
import { suggest } from './suggest.ts'
import {
  isSecretKey,
  keyPlace,
  pathText,
  treeAt,
  unmangle,
  valuePlace,
  variableWords,
  type Tree,
  type TreePath,
} from './tree.ts'

export interface ShapeOptions<T> {
  readonly schema: z.ZodType<T>
  readonly jsonSchema: () => SchemaNode
  /** From `toPlain` with `mangleProto`; is changed. */
  readonly plain: unknown
  /** Paths that are reported elsewhere: cut out without a word. */
  readonly skip?: readonly TreePath[]
}

export interface Shape<T> {
  /** What is left when the wrong parts are cut out; undefined if nothing sensible is. */
  readonly value: T | undefined
  readonly problems: readonly Problem[]
}

const MOST_ROUNDS = 8

export function checkShape<T>(tree: Tree, { schema, jsonSchema, plain, skip = [] }: ShapeOptions<T>): Shape<T> {
  const problems: Problem[] = []
  const reparsed = new Set<string>()
  const told = new Set(skip.map((path) => JSON.stringify(path)))
  for (const path of skip) cut(plain, path)
  let keySchema: SchemaNode | undefined
  const lazyKeySchema = (): SchemaNode => (keySchema ??= jsonSchema())
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const result = schema.safeParse(plain)
    if (result.success) return { value: result.data, problems }
    for (const issue of result.error.issues.flatMap((found) => meantIssues(found, plain))) {
      const path = issue.path.map((key) => unmangle(typeof key === 'symbol' ? String(key) : key))
      const id = JSON.stringify(path)
      const node = treeAt(tree, path)
      const scalar = node?.kind === 'scalar' && node.origin.kind === 'variable' ? parseScalar(node.value) : undefined
      if (scalar !== undefined && wantsOtherThanText(issue) && !reparsed.has(id)) {
        reparsed.add(id)
        put(plain, path, scalar)
        continue
      }
      if (issue.code === 'unrecognized_keys') problems.push(...toProblems(tree, issue, path, lazyKeySchema))
      else if (!told.has(id)) {
        // Cut out now, it may be missed in the next round because it is a key that must be there.
        told.add(id)
        problems.push(...toProblems(tree, issue, path, lazyKeySchema))
      }
      if (!cutIssue(plain, issue, path)) return { value: undefined, problems }
    }
  }
  return { value: undefined, problems }
}

type Issue = z.core.$ZodIssue

/** Where a word or a map may stand, a map was meant by who wrote one: what is wrong in it, and not that it is no word. */
function meantIssues(issue: Issue, plain: unknown): readonly Issue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const node = plainAt(plain, issue.path as TreePath)
  const wantsMap = typeof node === 'object' && node !== null && !Array.isArray(node)
  const choice = issue.errors.find((issues) => {
    const atTop = issues.find((inner) => inner.path.length === 0 && inner.code !== 'unrecognized_keys')
    return wantsMap ? atTop === undefined : atTop?.code === 'invalid_value'
  })
  return choice === undefined ? [issue] : choice.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }))
}

/** `"${WORKERS}"` is a text until the schema asks for a number or a boolean: then it is read as YAML would read it. */
function parseScalar(value: unknown): number | boolean | undefined {
  const { tree } = parseYaml(String(value), '')
  return tree?.kind === 'scalar' && (typeof tree.value === 'number' || typeof tree.value === 'boolean')
    ? tree.value
    : undefined
}

function wantsOtherThanText(issue: Issue): boolean {
  if (issue.code === 'invalid_type') return issue.expected !== 'string'
  return issue.code === 'invalid_value' && issue.values.some((value) => typeof value !== 'string')
}

function toProblems(tree: Tree, issue: Issue, path: TreePath, jsonSchema: () => SchemaNode): readonly Problem[] {
  const key = path.length === 0 ? 'the file' : `\`${pathText(path)}\``
  const secret = isSecretKey(path) && variableWords(tree, path) === undefined
  const place = { ...valuePlace(tree, path), secret }
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((name) => unknownKey(tree, path, String(unmangle(name)), jsonSchema))
    case 'invalid_key':
      return [problemAt(keyPlace(tree, path), 'CONFIG_VALUE', `${key}: ${issue.issues[0]?.message ?? issue.message}`)]
    case 'invalid_type':
    case 'invalid_union': {
      const expected = issue.code === 'invalid_type' ? (TYPE_WORDS[issue.expected] ?? issue.expected) : issue.message
      if (treeAt(tree, path) === undefined || isNothing(tree, path)) {
        return [
          problemAt(keyPlace(tree, path), 'CONFIG_MISSING_KEY', `${key} is missing`, {
            hint: `Add \`${path.at(-1) ?? ''}:\`${path.length > 1 ? ` under \`${pathText(path.slice(0, -1))}\`` : ''}.`,
          }),
        ]
      }
      const must =
        issue.code === 'invalid_type' && !issue.message.startsWith('must ') ? `must be ${expected}` : issue.message
      return [
        problemAt(place, 'CONFIG_TYPE', `${key} ${must}, not ${found(tree, path)}`, {
          hint: issue.code === 'invalid_type' ? typeHint(tree, path, issue) : undefined,
        }),
      ]
    }
    case 'invalid_value': {
      const allowed = issue.values.map(String)
      const node = treeAt(tree, path)
      if (node === undefined) return [problemAt(keyPlace(tree, path), 'CONFIG_MISSING_KEY', `${key} is missing`)]
      const near = node.kind === 'scalar' ? suggest(String(node.value), allowed) : undefined
      const code = node.kind === 'scalar' ? 'CONFIG_VALUE' : 'CONFIG_TYPE'
      const message = `${key} must be ${allowed.length > 1 ? 'one of ' : ''}${allowed.join(', ')}, not ${found(tree, path)}`
      return [problemAt(place, code, message, { hint: near === undefined ? undefined : `Did you mean \`${near}\`?` })]
    }
    case 'too_big':
      return [
        problemAt(
          place,
          'CONFIG_VALUE',
          `${key} must be at most ${String(issue.maximum)}${unitOf(issue.origin)}, not ${found(tree, path)}`,
        ),
      ]
    case 'too_small':
      return [
        problemAt(
          place,
          'CONFIG_VALUE',
          issue.message.startsWith('must ')
            ? `${key} ${issue.message}`
            : `${key} must be at least ${String(issue.minimum)}${unitOf(issue.origin)}, not ${found(tree, path)}`,
        ),
      ]
    default:
      return [problemAt(place, 'CONFIG_VALUE', `${key} ${issue.message}, not ${found(tree, path)}`)]
  }
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
}

function unitOf(origin: string): string {
  return origin === 'string' ? ' characters long' : ''
}

function isNothing(tree: Tree, path: TreePath): boolean {
  const node = treeAt(tree, path)
  return node?.kind === 'scalar' && node.value === null && path.length > 0 && typeof path.at(-1) === 'string'
}

/** What stands there, in words. Values of variables and addresses of channels are not told. */
function found(tree: Tree, path: TreePath): string {
  const node = treeAt(tree, path)
  if (node === undefined) return 'nothing'
  if (node.kind !== 'scalar') return `a ${node.kind}`
  const variable = variableWords(tree, path)
  if (variable !== undefined) return variable
  if (node.value === null) return 'nothing'
  if (isSecretKey(path)) return 'what stands there'
  return typeof node.value === 'string' ? quoteValue(node.value) : String(node.value)
}

function typeHint(
  tree: Tree,
  path: TreePath,
  { expected, message }: { expected: string; message: string },
): string | undefined {
  const node = treeAt(tree, path)
  if (node?.kind !== 'scalar' || node.origin.kind === 'variable' || isSecretKey(path)) return undefined
  if (message.startsWith('must be a duration'))
    return typeof node.value === 'number' ? `Add a unit: ${node.value}s.` : undefined
  if (expected === 'string' && node.value !== null) return `Write it in quotes: "${String(node.value)}".`
  if (expected === 'array') return `Write a list: [${String(node.value)}].`
  const asNumberOrBoolean = typeof node.value === 'string' ? parseScalar(node.value) : undefined
  if (asNumberOrBoolean !== undefined) return `Remove the quotes: ${String(asNumberOrBoolean)}.`
  return undefined
}

function unknownKey(tree: Tree, path: TreePath, name: string, jsonSchema: () => SchemaNode): Problem {
  const root = jsonSchema()
  const known = keysAt(root, path)
  const near = suggest(name, known)
  const elsewhere = near === undefined ? findKey(root, path, name) : undefined
  let hint: string | undefined
  if (near !== undefined) hint = `Did you mean \`${near}\`?`
  else if (elsewhere !== undefined)
    hint = `It belongs under \`${elsewhere.under}\`: \`${elsewhere.under}: { ${elsewhere.key}: … }\`.`
  else if (known.length > 0) hint = `Known keys: ${known.join(', ')}.`
  const where = path.length === 0 ? '' : ` in \`${pathText(path)}\``
  return problemAt(keyPlace(tree, [...path, name]), 'CONFIG_UNKNOWN_KEY', `unknown key ${quoteValue(name)}${where}`, {
    hint,
  })
}

/** Takes the part out that the issue is about. False if there is nothing left then. */
function cutIssue(plain: unknown, issue: Issue, path: TreePath): boolean {
  if (issue.code === 'unrecognized_keys') {
    const holder = plainAt(plain, issue.path as TreePath)
    if (typeof holder === 'object' && holder !== null) for (const key of issue.keys) Reflect.deleteProperty(holder, key)
    return true
  }
  const exact = issue.path as TreePath
  if (exact.length === 0) return false
  const missing = plainAt(plain, exact) === undefined
  if (missing && exact.length === 1) return false
  cut(plain, missing ? exact.slice(0, -1) : exact)
  return path.length > 0
}

function plainAt(plain: unknown, path: TreePath): unknown {
  let node = plain
  for (const key of path) {
    if (typeof node !== 'object' || node === null) return undefined
    node = (node as Record<string | number, unknown>)[key]
  }
  return node
}

function put(plain: unknown, path: TreePath, value: unknown): void {
  const holder = plainAt(plain, path.slice(0, -1))
  const key = path.at(-1)
  if (typeof holder === 'object' && holder !== null && key !== undefined) {
    ;(holder as Record<string | number, unknown>)[key] = value
  }
}

/** Removes a key. An item of a list cannot go alone without moving the others, so the list goes. */
function cut(plain: unknown, path: TreePath): void {
  const key = path.at(-1)
  if (key === undefined) return
  const holder = plainAt(plain, path.slice(0, -1))
  if (Array.isArray(holder)) cut(plain, path.slice(0, -1))
  else if (typeof holder === 'object' && holder !== null) Reflect.deleteProperty(holder, key)
}
