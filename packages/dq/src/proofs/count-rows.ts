import type { Expression } from '../expression/expression.ts'
import { walk } from '../expression/expression-parts.ts'
import type { ChunkFacts } from './decide-trust.ts'
import { ALWAYS_NULL, ANYTHING, canBeTrue, isAlwaysTrue, type Possible } from './possible.ts'
import { evaluate } from './possible-values.ts'

/** What is known of the columns in one row group; a column that is not there may hold anything. */
export interface RowGroupFacts {
  readonly rows: number
  readonly columns: ReadonlyMap<string, ChunkFacts>
}

/** Names of the columns that an expression looks at. */
export function columnsOf(expression: Expression): readonly string[] {
  const names = new Set<string>()
  walk(expression, (part) => {
    if (part.op === 'column') names.add(part.name)
  })
  return [...names]
}

/**
 * How many rows of a row group make the condition true, where that is certain: none, all, or all whose value in one of the
 * columns is NULL, or is not. Undefined: not certain.
 */
export function countRows(condition: Expression, names: readonly string[], group: RowGroupFacts): number | undefined {
  const worlds = worldsOf(names, group)
  const answers: Answer[] = []
  for (const world of worlds) {
    const possible = evaluate(condition, world.columns)
    if (possible === undefined) return undefined
    answers.push(isAlwaysTrue(possible) ? 'always' : canBeTrue(possible) ? 'perhaps' : 'never')
  }
  if (group.rows === 0 || answers.every((answer) => answer === 'never')) return 0
  if (answers.every((answer) => answer === 'always')) return group.rows
  for (const name of names) {
    const count = countByNullness(name, worlds, answers, group)
    if (count !== undefined) return count
  }
  return undefined
}

type Answer = 'always' | 'perhaps' | 'never'

/** One way that the columns of a row can be: each of them NULL, NaN or a value. */
interface World {
  readonly columns: ReadonlyMap<string, Possible>
  readonly nullColumns: ReadonlySet<string>
}

/** More columns than this are not taken apart: 3^4 worlds. */
const MAX_SPLIT_COLUMNS = 4

function worldsOf(names: readonly string[], group: RowGroupFacts): readonly World[] {
  let worlds: World[] = [{ columns: new Map(), nullColumns: new Set() }]
  let split = 0
  for (const name of names) {
    const facts = group.columns.get(name)
    // Without rows there are no states, and yet the condition must be understood.
    const states = facts === undefined || facts.rows === 0 ? [ANYTHING] : statesOf(facts)
    if (states.length > 1) split += 1
    const used = states.length > 1 && split > MAX_SPLIT_COLUMNS ? [ANYTHING] : states
    worlds = worlds.flatMap((world) => used.map((state) => extended(world, name, state)))
  }
  return worlds
}

function extended(world: World, name: string, state: Possible): World {
  return {
    columns: new Map([...world.columns, [name, state]]),
    nullColumns: state === ALWAYS_NULL ? new Set([...world.nullColumns, name]) : world.nullColumns,
  }
}

/** The states that a column's rows can be in; those that no row is in are left out. */
function statesOf({ rows, nulls, range, mayHoldNaN, domain }: ChunkFacts): readonly Possible[] {
  const states: Possible[] = []
  if (nulls !== 0) states.push(ALWAYS_NULL)
  if (nulls === rows) return states
  const isFloat = domain === 'single' || domain === 'double'
  states.push({ null: false, values: range ?? (isFloat ? { domain, low: -Infinity, high: Infinity } : 'any') })
  if (mayHoldNaN && isFloat) states.push({ null: false, values: { domain, low: Number.NaN, high: Number.NaN } })
  return states
}

/** Where a column's being NULL decides, its null count is the answer, or what is left of the rows. */
function countByNullness(
  name: string,
  worlds: readonly World[],
  answers: readonly Answer[],
  group: RowGroupFacts,
): number | undefined {
  const nulls = group.columns.get(name)?.nulls
  if (nulls === undefined) return undefined
  const ofNull = common(answers.filter((_, index) => worlds[index]?.nullColumns.has(name) === true))
  const ofValues = common(answers.filter((_, index) => worlds[index]?.nullColumns.has(name) === false))
  if (ofNull === 'perhaps' || ofValues === 'perhaps') return undefined
  return (ofNull === 'always' ? nulls : 0) + (ofValues === 'always' ? group.rows - nulls : 0)
}

function common(answers: readonly Answer[]): Answer {
  const [first = 'never'] = answers
  return answers.every((answer) => answer === first) ? first : 'perhaps'
}
