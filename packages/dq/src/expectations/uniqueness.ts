import type { ColumnRef } from '../column-ref.ts'
import { and, compare, FALSE, not, or, TRUE, type Expression } from '../expression.ts'
import type { Metric } from '../metric.ts'
import type { Compiled, CompileScope, ExpectationDefinition } from './definition.ts'
import { columnMissing, problem } from './problems.ts'
import { judgeRows, MOSTLY } from './row-judgement.ts'

/** All members of a group of equal values are unexpected, not only the second and later ones. */
export const beUnique: ExpectationDefinition = {
  type: 'expect_column_values_to_be_unique',
  kind: 'column-map',
  dimension: 'uniqueness',
  label: 'unique',
  kwargs: { column: { type: 'column', required: true }, ...MOSTLY },
  compile(kwargs, scope) {
    const name = String(kwargs['column'])
    const ref = scope.column(name)
    if (ref === undefined) return columnMissing(name, scope.columnNames)
    const metrics = uniqueMetrics([ref], ref.value, not({ op: 'is-null', item: ref.value }))
    return {
      kind: 'measured',
      description: `${name} unique`,
      metrics: { ...metrics, considered: ref.present },
      violated: and([not(ref.missing), { op: 'repeated', keys: [ref.value] }]),
    }
  },
  judge: judgeRows,
}

/**
 * Rows whose values in all these columns occur together once. NULLs are equal to each other here, as in GX on pandas and
 * Spark: two rows (1, NULL) repeat each other unless `ignore_row_if` leaves them out.
 */
export const compoundUnique: ExpectationDefinition = {
  type: 'expect_compound_columns_to_be_unique',
  kind: 'multi-map',
  dimension: 'uniqueness',
  label: 'unique',
  kwargs: {
    column_list: { type: 'columns', required: true },
    ignore_row_if: {
      type: { oneOf: ['all_values_are_missing', 'any_value_is_missing', 'never'] },
      default: 'all_values_are_missing',
    },
    ...MOSTLY,
  },
  compile(kwargs, scope) {
    const names = columnList(kwargs['column_list'])
    if (names.length === 0) return problem('CHECK_KWARG', 'column_list names no column')
    const refs = resolve(names, scope)
    if ('kind' in refs) return refs
    const kept = keptRows(refs, String(kwargs['ignore_row_if']))
    const shown: Expression = { op: 'record', fields: refs.map((ref) => [ref.name, ref.value]) }
    return {
      kind: 'measured',
      description: `${names.join(', ')} unique together`,
      metrics: uniqueMetrics(refs, shown, kept),
      violated: and([...(kept === TRUE ? [] : [kept]), { op: 'repeated', keys: refs.map((ref) => ref.value) }]),
    }
  },
  judge: judgeRows,
}

function columnList(value: unknown): readonly string[] {
  return Array.isArray(value) ? [...new Set(value.map(String))] : []
}

function resolve(names: readonly string[], scope: CompileScope): readonly ColumnRef[] | Compiled {
  const refs: ColumnRef[] = []
  for (const name of names) {
    const ref = scope.column(name)
    if (ref === undefined) return columnMissing(name, scope.columnNames)
    refs.push(ref)
  }
  return refs
}

function keptRows(refs: readonly ColumnRef[], ignoreRowIf: string): Expression {
  const present = refs.map((ref): Expression => not({ op: 'is-null', item: ref.value }))
  if (ignoreRowIf === 'never') return TRUE
  return ignoreRowIf === 'any_value_is_missing' ? and(present) : or(present)
}

/** One grouping by the keys answers for every expectation about the same columns, whatever rows it ignores. */
function uniqueMetrics(
  refs: readonly ColumnRef[],
  shown: Expression,
  kept: Expression,
): Readonly<Record<string, Metric>> {
  const keys = refs.map((ref) => ref.value)
  const repeated = and([
    ...(kept === TRUE || kept === FALSE ? [] : [kept]),
    compare({ op: 'group-size' }, '>', { op: 'literal', value: 1 }),
  ])
  return {
    elements: { kind: 'rows' },
    considered: { kind: 'group-count', keys, count: 'rows', where: kept },
    unexpected: { kind: 'group-count', keys, count: 'rows', where: repeated },
    sample: { kind: 'group-sample', keys, of: shown, where: repeated },
  }
}
