import type { CheckResult, ColumnSchema, Contract, Expectation, JsonValue, Relation, Session } from '@tidegate/core'
import { compileContract } from '../compile/compile-contract.ts'
import { evaluateChecks, type EvaluateOptions } from '../evaluate/evaluate-checks.ts'
import { planChecks } from '../plan/plan-checks.ts'

/** A relation over rows written as SQL literals: `{ a: 'INTEGER' }` and `[['1'], ['NULL']]`. One list of rows per file. */
export function literalRelation(
  session: Session,
  columns: Readonly<Record<string, string>>,
  files: Readonly<Record<string, readonly (readonly string[])[]>>,
): Relation {
  const { dialect } = session
  const schema: ColumnSchema[] = Object.entries(columns).map(([name, type]) => ({ name, type }))
  const rows = Object.entries(files).flatMap(([key, list]) =>
    list.map(
      (cells, index) =>
        `(${[...cells.map((cell, place) => `CAST(${cell} AS ${schema[place]?.type ?? 'VARCHAR'})`), dialect.literal(key), String(index)].join(', ')})`,
    ),
  )
  const names = [...schema.map((_, index) => `c${index}`), 'f', 'r']
  const empty = `(${names.map(() => 'NULL').join(', ')})`
  const select = schema.map(
    (column, index) => `CAST(c${index} AS ${column.type}) AS ${dialect.identifier(column.name)}`,
  )
  const from = `(VALUES ${rows.length === 0 ? empty : rows.join(', ')}) t(${names.join(', ')})`
  return {
    sql: `(SELECT ${select.join(', ')}, CAST(f AS VARCHAR) AS __tg_file, CAST(r AS BIGINT) AS __tg_row FROM ${from}${rows.length === 0 ? ' WHERE FALSE' : ''})`,
    columns: schema,
    fileColumn: '__tg_file',
    rowColumn: '__tg_row',
    files: Object.keys(files).map((key) => ({ key, path: key })),
  }
}

export function contractOf(
  columns: Readonly<Record<string, string>>,
  expectations: readonly (readonly [type: string, kwargs: Record<string, JsonValue>] | Expectation)[],
): Contract {
  return {
    contract: 'test',
    version: 1,
    schema: { columns: Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, { type }])) },
    expectations: expectations.map((item) => ('type' in item ? item : { type: item[0], kwargs: item[1] })),
  }
}

/** Results of the expectations alone, per file. */
export async function evaluateAll(
  session: Session,
  contract: Contract,
  relation: Relation,
  options: EvaluateOptions = {},
): Promise<ReadonlyMap<string, readonly CheckResult[]>> {
  const compiled = compileContract(contract, relation.columns, { schema: false })
  return evaluateChecks(session, planChecks(compiled, relation, session.dialect), options)
}

/** One expectation on one column `x` of one file. Cells are SQL literals. */
export async function evaluateOne(
  session: Session,
  type: string,
  cells: readonly string[],
  expectation: string,
  kwargs: Record<string, JsonValue>,
): Promise<CheckResult> {
  const relation = literalRelation(session, { x: type }, { f: cells.map((cell) => [cell]) })
  const results = await evaluateAll(
    session,
    contractOf({ x: type }, [[expectation, { column: 'x', ...kwargs }]]),
    relation,
  )
  const [result] = results.get('f') ?? []
  if (result === undefined) throw new Error('no result')
  return result
}
