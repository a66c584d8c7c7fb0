import type { Relation, Session, TidegateError } from '@tidegate/core'
import type { CompiledContract } from '../compiled-contract.ts'
import type { Evaluation } from '../evaluate-checks.ts'
import type { ResolvedFormat } from '../results/result-format.ts'
import { rowRules } from '../row-rules.ts'

/** By check id: a query of the engine that finds the rows that break it, as `unexpected_index_query`. */
export function indexQueries(
  { dialect }: Session,
  compiled: CompiledContract,
  relation: Relation,
  { failingValues }: Evaluation,
  format: ResolvedFormat | TidegateError | undefined,
): ReadonlyMap<string, string> {
  const names = format !== undefined && 'indexColumns' in format ? format.indexColumns : undefined
  const shown = (names ?? [relation.rowColumn, ...relation.columns.map((column) => column.name)]).map((name) =>
    dialect.identifier(name),
  )
  const [broken, rows] = [dialect.identifier('__tg_broken'), dialect.identifier('__tg_rows')]
  return new Map(
    rowRules(compiled, relation, dialect, failingValues).map(({ check, violatedSql }) => [
      check,
      `SELECT ${shown.join(', ')} FROM (SELECT *, ${violatedSql} AS ${broken} FROM ${relation.sql} AS ${rows}) AS ${rows} WHERE ${broken}`,
    ]),
  )
}
