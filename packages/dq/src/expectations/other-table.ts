import { recordOf } from './multi-columns.ts'
import { parseType } from '../expression/data-type.ts'
import { columnRef, type ColumnRef } from '../expression/column-ref.ts'
import { and, not } from '../expression/expression.ts'
import type { Compiled, CompileScope, ExpectationDefinition, Kwargs, OtherTable } from './definition.ts'
import { family } from './families.ts'
import { columnMissing, problem } from './problems.ts'
import { tableMissing } from './query.ts'
import { compileRows, judgeRows, MOSTLY, numberText, compileKeptRows } from './row-judgement.ts'

/**
 * Each value is that of a row of another table (dbt calls it relationships): `column` and `other_column`, or for keys of
 * several columns `column_list` and `other_column_list`, in the same order. Rows where a key is missing are not considered.
 */
export const existInOtherTable: ExpectationDefinition = {
  type: 'expect_column_values_to_exist_in_other_table',
  kind: 'column-map',
  dimension: 'consistency',
  label: 'in_table',
  kwargs: {
    column: { type: 'column' },
    column_list: { type: 'columns' },
    other_table_name: { type: 'text', required: true },
    other_column: { type: 'text' },
    other_column_list: { type: 'texts' },
    ...MOSTLY,
  },
  compile: compileReference,
  judge: judgeRows,
}

function compileReference(kwargs: Kwargs, scope: CompileScope): Compiled {
  const names = namesOf(kwargs, 'column', 'column_list')
  // Usually both are called the same.
  const others = namesOf(kwargs, 'other_column', 'other_column_list') ?? names
  if (names === undefined || others === undefined)
    return problem(
      'CHECK_KWARG',
      'either column or column_list must be given',
      'With column_list, use other_column_list.',
    )
  if (names.length === 0 || names.length !== others.length)
    return problem('CHECK_KWARG', `${names.length} columns cannot be looked up in ${others.length}`)
  const table = String(kwargs['other_table_name'])
  const other = scope.tables.get(table)
  if (other === undefined) return tableMissing(table, scope)
  const refs: ColumnRef[] = []
  for (const [index, name] of names.entries()) {
    const ref = scope.column(name)
    if (ref === undefined) return columnMissing(name, scope.columnNames)
    const otherName = others[index] ?? name
    const wrong = otherColumnProblem(ref, otherName, table, other)
    if (wrong !== undefined) return wrong
    refs.push(ref)
  }
  const keys = refs.map((ref) => ref.value)
  // In parentheses, because what stands after FROM may have an alias already.
  const violated = not({ op: 'found-in', keys, table: `(SELECT * FROM ${other.sql})`, columns: others })
  const description = `${names.join(', ')} in ${table}(${others.join(', ')})`
  const [first] = refs
  if (refs.length === 1 && first !== undefined) return compileRows(first, violated, description)
  const shown = recordOf(refs)
  return compileKeptRows(shown, and(refs.map((ref) => not(ref.missing))), violated, description)
}

function namesOf(kwargs: Kwargs, single: string, list: string): readonly string[] | undefined {
  const [one, many] = [kwargs[single] ?? null, kwargs[list] ?? null]
  if (one !== null && many === null) return [String(one)]
  return one === null && Array.isArray(many) ? many.map(String) : undefined
}

function otherColumnProblem(ref: ColumnRef, name: string, table: string, other: OtherTable): Compiled | undefined {
  const found = other.columns.find((column) => column.name === name)
  if (found === undefined) {
    const missing = columnMissing(
      name,
      other.columns.map((column) => column.name),
    )
    const { hint } = missing.kind === 'problem' ? missing.problem : {}
    // Not the data's own column: the other table is here, so nothing will bring it.
    return problem('CHECK_TABLE', `the table ${table} has no column ${JSON.stringify(name)}`, hint)
  }
  const type = parseType(found.type)
  const mine = family(ref)
  if (mine !== undefined && type !== undefined && mine === family(columnRef(name, type))) return undefined
  return problem(
    'CHECK_TYPE',
    `${ref.name} (${ref.type.text}) cannot be looked up in ${table}.${name} (${found.type})`,
    'Both must be numbers, or texts, or dates.',
  )
}

/** As many rows as another table, times a factor (a name of dbt-expectations). */
export const rowCountTimesFactor: ExpectationDefinition = {
  type: 'expect_table_row_count_to_equal_other_table_times_factor',
  kind: 'table',
  dimension: 'volume',
  label: 'row_count',
  kwargs: { other_table_name: { type: 'text', required: true }, factor: { type: 'number', required: true } },
  compile(kwargs, scope) {
    const name = String(kwargs['other_table_name'])
    const other = scope.tables.get(name)
    if (other === undefined) return tableMissing(name, scope)
    if (!(Number(kwargs['factor']) >= 0)) return problem('CHECK_KWARG', 'factor must be at least 0')
    return {
      kind: 'measured',
      description: `rows equal those of ${name} × ${String(kwargs['factor'])}`,
      metrics: { elements: { kind: 'rows' }, other: { kind: 'query-count', sql: `SELECT 1 FROM ${other.sql}` } },
    }
  },
  judge(kwargs, measured) {
    const [self, other] = [measured.count('elements'), measured.count('other')]
    const expected = other * Number(kwargs['factor'])
    return {
      passed: self === expected,
      message: `${measured.description}: ${numberText(self)} against ${numberText(other)} × ${String(kwargs['factor'])}`,
      elementCount: self,
      observedValue: { self, other },
    }
  },
}
