import { toJson, type Cell, type JsonValue } from '@tidegate/core'
import { authorSqlProblem } from '../evaluate/query-metrics.ts'
import type { Compiled, CompileScope, ExpectationDefinition, Judgement, Kwargs, Measured } from './definition.ts'
import { problem } from './problems.ts'
import { MOSTLY, numberText } from './row-judgement.ts'

/** Rows that are shown of a query's answer, unless all are asked for. Counts are exact, however many there are. */
const SHOWN_ROWS = 200

/** Whatever the query returns is unexpected. `{batch}` stands for the rows that are checked. */
export const unexpectedRows: ExpectationDefinition = {
  type: 'unexpected_rows_expectation',
  kind: 'query',
  dimension: 'validity',
  label: 'unexpected_rows',
  kwargs: { unexpected_rows_query: { type: 'text', required: true }, description: { type: 'text' } },
  compile(kwargs) {
    const sql = String(kwargs['unexpected_rows_query'])
    const wrong = authorSqlProblem(sql)
    if (wrong !== undefined) return { kind: 'problem', problem: wrong }
    return {
      kind: 'measured',
      description: String(kwargs['description'] ?? 'rows returned by the query'),
      metrics: {
        elements: { kind: 'rows' },
        found: { kind: 'query-count', sql, written: [{ sql, tables: [] }] },
        rows: { kind: 'query-list', sql, limit: SHOWN_ROWS, written: [{ sql, tables: [] }] },
      },
    }
  },
  judge(_, measured) {
    const found = measured.count('found')
    return {
      passed: found === 0,
      message: `${measured.description}: ${numberText(found)} rows`,
      elementCount: measured.count('elements'),
      observedValue: found,
      details: { unexpected_rows: rowsOf(measured, 'rows') },
    }
  },
}

/**
 * The rows of two queries, whatever their order and the names of their columns; a row that is there n times must be found n
 * times. `mostly` is the share of matches in the longer answer. The comparison query sees the table that
 * `comparison_data_source_name` names, under that name and as `{comparison}`.
 */
export const queryResultsMatch: ExpectationDefinition = {
  type: 'expect_query_results_to_match_comparison',
  kind: 'query',
  dimension: 'consistency',
  label: 'results_match',
  kwargs: {
    base_query: { type: 'text', required: true },
    comparison_data_source_name: { type: 'text' },
    comparison_query: { type: 'text', required: true },
    description: { type: 'text' },
    ...MOSTLY,
  },
  compile: compileComparison,
  judge: judgeComparison,
}

function compileComparison(kwargs: Kwargs, scope: CompileScope): Compiled {
  const base = inParentheses(kwargs['base_query'])
  const comparison = inParentheses(kwargs['comparison_query'])
  const wrong = authorSqlProblem(base) ?? authorSqlProblem(comparison)
  if (wrong !== undefined) return { kind: 'problem', problem: wrong }
  const name = kwargs['comparison_data_source_name'] ?? null
  const other = name === null ? undefined : scope.tables.get(String(name))
  if (name !== null && other === undefined) return tableMissing(String(name), scope)
  const right = other === undefined ? comparison : withTable(comparison, String(name), other.sql)
  const written = [
    { sql: base, tables: [] },
    { sql: comparison, tables: name === null ? [] : [String(name), '{comparison}'] },
  ]
  const set = (first: string, operator: string, second: string): string =>
    `SELECT * FROM (${first}) ${operator} SELECT * FROM (${second})`
  const [missing, unexpected] = [set(right, 'EXCEPT ALL', base), set(base, 'EXCEPT ALL', right)]
  return {
    kind: 'measured',
    description: String(kwargs['description'] ?? 'results of two queries match'),
    metrics: {
      base: { kind: 'query-count', sql: base, written },
      comparison: { kind: 'query-count', sql: right, written },
      matches: { kind: 'query-count', sql: set(base, 'INTERSECT ALL', right), written },
      missing: { kind: 'query-list', sql: missing, limit: SHOWN_ROWS, written },
      unexpected: { kind: 'query-list', sql: unexpected, limit: SHOWN_ROWS, written },
    },
  }
}

/** On lines of its own, so that a comment in the last one hides nothing of what follows. */
function inParentheses(query: JsonValue | undefined): string {
  return `\n${String(query).replace(/[;\s]+$/, '')}\n`
}

/** The other table under its own name where that needs no quotes. */
function withTable(sql: string, name: string, table: string): string {
  const text = sql.replaceAll('{comparison}', `(SELECT * FROM ${table})`)
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
    ? `WITH ${name} AS (SELECT * FROM ${table}) SELECT * FROM (${text})`
    : text
}

/** Percent and threshold as Great Expectations computes them, float for float. */
function judgeComparison(kwargs: Kwargs, measured: Measured): Judgement {
  const longer = Math.max(measured.count('base'), measured.count('comparison'))
  const matches = measured.count('matches')
  const percent = longer === 0 ? 0 : (1 - matches / longer) * 100
  const different = longer - matches
  return {
    passed: 100 - percent >= Number(kwargs['mostly'] ?? 1) * 100,
    message: `${measured.description}: ${different === 0 ? `all ${numberText(longer)} rows` : `${numberText(different)} of ${numberText(longer)} rows differ`}`,
    elementCount: longer,
    unexpectedCount: different,
    unexpectedPercent: percent,
    details: { missing_rows: rowsOf(measured, 'missing'), unexpected_rows: rowsOf(measured, 'unexpected') },
  }
}

function rowsOf(measured: Measured, role: string): JsonValue {
  const rows: Cell = measured.cell(role)
  return Array.isArray(rows) ? toJson(rows) : []
}

/** There is no table of this name in the session. */
export function tableMissing(name: string, scope: CompileScope): Compiled {
  const names = [...scope.tables.keys()]
  return problem(
    'CHECK_TABLE',
    `there is no table ${JSON.stringify(name)} to compare with`,
    names.length === 0 ? 'Give the table to the check under this name.' : `Known are ${names.join(', ')}.`,
  )
}
