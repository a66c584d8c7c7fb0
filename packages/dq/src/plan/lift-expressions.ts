import type { Relation } from '@tidegate/core'
import type { Lift } from './check-plan.ts'
import { describeExpression, type Expression } from '../expression/expression.ts'
import { partsOf } from '../expression/expression-parts.ts'
import { renderExpression, type SqlScope } from '../expression/render-expression.ts'

/**
 * Expressions that SQL cannot, or should not, evaluate inside an aggregate: each is computed once, as a column of a
 * subquery, and stands under an alias from then on.
 */
export interface LiftedScope {
  readonly scope: SqlScope
  /** What these expressions need computed below them, innermost first. */
  liftsOf(expressions: readonly Expression[]): readonly Lift[]
}

/** How a lifted expression is computed. */
export type LiftKind =
  /** A window function: the engine must hold the rows. */
  | 'window'
  /** A semi-join or a scalar subquery: rows stream through. */
  | 'join'

/** Aliases are handed out as expressions are met: the same expression, the same alias. */
export function liftedScope(base: SqlScope): LiftedScope {
  const aliases = new Map<string, string>(base.aliases)
  const lifts = new Map<string, Lift>()
  const scope: SqlScope = { ...base, aliases }
  const { dialect, relation } = base
  let prefix: string | undefined

  const collect = (expression: Expression, found: Map<string, Lift>): number => {
    const kind = liftKind(expression, base)
    const name = kind === undefined ? '' : describeExpression(expression)
    let depth = 0
    for (const part of insideOf(expression, base)) depth = Math.max(depth, collect(part, found))
    if (kind === undefined) return depth
    let lift = lifts.get(name)
    if (lift === undefined) {
      // What is inside has its alias already, what is outside not yet.
      const sql = renderExpression(expression, scope)
      prefix ??= freePrefix('__tg_w', relation)
      const alias = dialect.identifier(`${prefix}${lifts.size}`)
      lift = { alias, sql, depth }
      lifts.set(name, lift)
      aliases.set(name, alias)
    }
    found.set(lift.alias, lift)
    return lift.depth + 1
  }
  return {
    scope,
    liftsOf(expressions) {
      // Most checks lift nothing; this must stay cheap for thousands of them.
      if (!expressions.some((expression) => needsLift(expression, { dialect, relation }))) return []
      const found = new Map<string, Lift>()
      for (const expression of expressions) collect(expression, found)
      return [...found.values()]
    },
  }
}

/** What no column of the data starts with: beside a column of the same name an alias would mean that column. */
export function freePrefix(wished: string, { columns }: Relation): string {
  let prefix = wished
  while (columns.some(({ name }) => name.toLowerCase().startsWith(prefix))) prefix += '_'
  return prefix
}

/** How the expression, or anything in it, must be computed apart; undefined where it can stand in an aggregate as it is. */
export function needsLift(expression: Expression, scope: Pick<SqlScope, 'relation' | 'dialect'>): LiftKind | undefined {
  let needed = liftKind(expression, scope)
  for (const part of insideOf(expression, scope)) {
    if (needed === 'window') break
    needed = needsLift(part, scope) ?? needed
  }
  return needed
}

/** The relation with the lifted columns beside its own. */
export function liftedFrom(from: string, lifts: readonly Lift[], dialect: SqlScope['dialect']): string {
  let sql = from
  const deepest = lifts.reduce((depth, lift) => Math.max(depth, lift.depth), -1)
  for (let depth = 0; depth <= deepest; depth += 1) {
    const columns = lifts.filter((lift) => lift.depth === depth).map((lift) => `${lift.sql} AS ${lift.alias}`)
    const select = ['*', ...columns].join(',\n    ')
    sql = `(SELECT ${select}\n  FROM ${sql}) AS ${dialect.identifier(`__tg_lifted${depth}`)}`
  }
  return sql
}

function liftKind(expression: Expression, { relation }: { readonly relation: Relation }): LiftKind | undefined {
  switch (expression.op) {
    case 'previous':
      return 'window'
    case 'over-file':
      return relation.files.length > 1 ? 'window' : 'join'
    case 'repeated':
    case 'found-in':
    case 'passes':
      return 'join'
    default:
      return undefined
  }
}

/** The parts that must be there below it. A subquery over the relation computes its parts itself. */
function insideOf(expression: Expression, { relation }: { readonly relation: Relation }): readonly Expression[] {
  const isSubquery = expression.op === 'repeated' || (expression.op === 'over-file' && relation.files.length <= 1)
  return isSubquery ? [] : partsOf(expression)
}
