import type { Relation, Session, TidegateError } from '@tidegate/core'
import type { CompiledCheck, CompiledContract } from '../compile/compiled-contract.ts'
import type { Evaluation } from '../evaluate/evaluate-checks.ts'
import { testsIn } from '../plan/plan-value-tests.ts'
import type { ResolvedFormat } from '../results/result-format.ts'
import { rowRules } from '../rows/row-rules.ts'

/**
 * By check id: a query of the engine that finds the rows that break it, as `unexpected_index_query`. A check that tests values
 * names those that fail in its query, so it has none where its columns are secret.
 */
export function indexQueries(
  { dialect }: Session,
  compiled: CompiledContract,
  relation: Relation,
  { failingValues }: Evaluation,
  format: ResolvedFormat | TidegateError | undefined,
  isSecret: (column: string) => boolean,
): ReadonlyMap<string, string> {
  const names = format !== undefined && 'indexColumns' in format ? format.indexColumns : undefined
  const shown = (names ?? [relation.rowColumn, ...relation.columns.map((column) => column.name)]).map((name) =>
    dialect.identifier(name),
  )
  const [broken, rows] = [dialect.identifier('__tg_broken'), dialect.identifier('__tg_rows')]
  const checks = compiled.checks.filter((check) => !check.columns.some(isSecret) || !testsValues(check))
  return new Map(
    rowRules({ ...compiled, checks }, relation, dialect, failingValues).map(({ check, violatedSql }) => [
      check,
      `SELECT ${shown.join(', ')} FROM (SELECT *, ${violatedSql} AS ${broken} FROM ${relation.sql} AS ${rows}) AS ${rows} WHERE ${broken}`,
    ]),
  )
}

function testsValues({ answer }: CompiledCheck): boolean {
  return answer.kind === 'measured' && answer.violated !== undefined && testsIn([answer.violated]).length > 0
}
