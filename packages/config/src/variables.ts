/**
 * `${VAR}`, `${VAR:-default}`, `${VAR:?message}` in the values of a tree; `$${` stands for a literal `${`.
 *
 * An empty variable counts as missing for `:-` and `:?`, as in a shell. What a variable holds is taken as it is: a `${` in
 * it is not looked at again.
 */
import { assertNever } from '@tidegate/core'
import { problemAt, type Place, type Problem } from './problem.ts'
import type { MapEntry, ScalarTree, Tree, TreePath } from './tree.ts'

export type Variables = (name: string) => string | undefined

export interface Resolved {
  readonly tree: Tree
  readonly problems: readonly Problem[]
  /** Paths of the values that could not be resolved. */
  readonly unresolved: readonly TreePath[]
}

export function resolveVariables(tree: Tree, variables: Variables): Resolved {
  const job: Job = { variables, problems: [], unresolved: [] }
  return { tree: resolveTree(tree, [], job), problems: job.problems, unresolved: job.unresolved }
}

interface Job {
  readonly variables: Variables
  readonly problems: Problem[]
  readonly unresolved: TreePath[]
}

/** True if the name of a variable says that its value is nobody's business. */
export function isSecretName(name: string): boolean {
  return /token|secret|password|passwd|pwd|key|credential|auth/i.test(name)
}

function resolveTree(tree: Tree, path: TreePath, job: Job): Tree {
  switch (tree.kind) {
    case 'scalar':
      return resolveScalar(tree, path, job)
    case 'list':
      return { ...tree, items: tree.items.map((item, index) => resolveTree(item, [...path, index], job)) }
    case 'map': {
      const entries = new Map<string, MapEntry>()
      for (const [key, entry] of tree.entries) {
        entries.set(key, { key: entry.key, value: resolveTree(entry.value, [...path, key], job) })
      }
      return { ...tree, entries }
    }
    default:
      return assertNever(tree)
  }
}

function resolveScalar(scalar: ScalarTree, path: TreePath, job: Job): ScalarTree {
  if (typeof scalar.value !== 'string' || !scalar.value.includes('${')) return scalar
  const names: string[] = []
  const expansion: Expansion = {
    names,
    variables: job.variables,
    fail(name, code, message, hint) {
      job.problems.push(problemAt(narrow(scalar.place, name), code, message, { hint }))
      job.unresolved.push(path)
    },
  }
  const value = expand(scalar.value, expansion, 0)
  return { ...scalar, value, origin: names.length > 0 ? { kind: 'variable', names } : scalar.origin }
}

interface Expansion {
  readonly names: string[]
  readonly variables: Variables
  fail(name: string, code: 'CONFIG_MISSING_VARIABLE' | 'CONFIG_VALUE', message: string, hint: string): void
}

function expand(text: string, state: Expansion, depth: number): string {
  let result = ''
  let rest = 0
  for (;;) {
    const start = text.indexOf('${', rest)
    if (start < 0) return result + text.slice(rest)
    if (start > rest && text[start - 1] === '$') {
      result += `${text.slice(rest, start - 1)}\${`
      rest = start + 2
      continue
    }
    const end = closingBrace(text, start + 2)
    const inner = end < 0 ? '' : text.slice(start + 2, end)
    const match = /^([A-Za-z_][A-Za-z0-9_]*)(?:(:-|:\?)([^]*))?$/.exec(inner)
    if (end < 0 || match === null || depth > 10) {
      const why = end < 0 ? '`${` is never closed' : '`${…}` does not hold the name of a variable'
      state.fail(
        '',
        'CONFIG_VALUE',
        why,
        'Write ${NAME}, ${NAME:-default} or ${NAME:?message}; $${ stands for a literal ${.',
      )
      return text
    }
    result += text.slice(rest, start) + lookUp(match[1] ?? '', match[2], match[3] ?? '', state, depth)
    rest = end + 1
  }
}

function lookUp(name: string, operator: string | undefined, operand: string, state: Expansion, depth: number): string {
  state.names.push(name)
  const value = state.variables(name)
  if (operator === ':-') return value === undefined || value === '' ? expand(operand, state, depth + 1) : value
  if (value !== undefined && (operator === undefined || value !== '')) return value
  state.fail(
    name,
    'CONFIG_MISSING_VARIABLE',
    operator === ':?' && operand !== '' ? `variable ${name} is not set: ${operand}` : `variable ${name} is not set`,
    `Set ${name} in the environment or in .env, or give it a default: \${${name}:-value}.`,
  )
  return ''
}

function closingBrace(text: string, from: number): number {
  let open = 1
  for (let index = from; index < text.length; index++) {
    if (text.startsWith('${', index)) open += 1
    else if (text[index] === '}' && --open === 0) return index
  }
  return -1
}

/** The place of `${NAME` inside the scalar, where it stands on the scalar's first line. */
function narrow(place: Place, name: string): Place {
  const line = place.source.lines[place.line - 1] ?? ''
  const found = line.indexOf(`\${${name}`, place.column - 1)
  if (found < 0) return place
  const end = closingBrace(line, found + 2)
  return end < 0 ? place : { ...place, column: found + 1, endColumn: end + 2 }
}
