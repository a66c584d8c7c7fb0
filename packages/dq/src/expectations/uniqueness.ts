import type { UniqueScope } from '@tidegate/core'
import type { ColumnRef } from '../expression/column-ref.ts'
import { and, compare, FALSE, isNull, not, or, TRUE, type Expression } from '../expression/expression.ts'
import type { Metric } from '../expression/metric.ts'
import {
  TARGET_TABLE,
  type Compiled,
  type CompileScope,
  type ExpectationDefinition,
  type Kwargs,
  type KwargSpec,
} from './definition.ts'
import { IGNORE_ROW, keptRows, recordOf, resolveColumns } from './multi-columns.ts'
import { oldArgumentProblem, PARSE_STRINGS } from './old-arguments.ts'
import { columnMissing, problem } from './problems.ts'
import { judgeRows, MOSTLY } from './row-judgement.ts'

/**
 * Among which rows repetitions are looked for, which Great Expectations cannot say: those of the same file, of all files that are
 * checked together, or also those that the target of the load holds already.
 */
const SCOPE: Readonly<Record<'scope', KwargSpec>> = {
  scope: { type: { oneOf: ['file', 'batch', 'target'] }, default: 'file' },
}

/** All members of a group of equal values are unexpected, not only the second and later ones. */
export const beUnique: ExpectationDefinition = {
  type: 'expect_column_values_to_be_unique',
  kind: 'column-map',
  dimension: 'uniqueness',
  label: 'unique',
  kwargs: { column: { type: 'column', required: true }, ...SCOPE, ...PARSE_STRINGS, ...MOSTLY },
  compile(kwargs, scope) {
    const name = String(kwargs['column'])
    const ref = scope.column(name)
    if (ref === undefined) return columnMissing(name, scope.columnNames)
    const old = oldArgumentProblem(kwargs, ref)
    if (old !== undefined) return old
    return compileUnique([ref], not(isNull(ref.value)), ref.value, `${name} unique`, { kwargs, scope })
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
  kwargs: { column_list: { type: 'columns', required: true }, ...SCOPE, ...IGNORE_ROW, ...MOSTLY },
  compile(kwargs, scope) {
    const refs = resolveColumns(kwargs['column_list'], scope)
    if ('kind' in refs) return refs
    const kept = keptRows(refs, kwargs['ignore_row_if'])
    const names = refs.map((ref) => ref.name).join(', ')
    return compileUnique(refs, kept, recordOf(refs), `${names} unique together`, { kwargs, scope })
  },
  judge: judgeRows,
}

function compileUnique(
  refs: readonly ColumnRef[],
  kept: Expression,
  shown: Expression,
  words: string,
  { kwargs, scope: tables }: { readonly kwargs: Kwargs; readonly scope: CompileScope },
): Compiled {
  const scope = scopeOf(kwargs)
  const wrong = scope === 'target' ? targetProblem(refs, tables) : undefined
  if (wrong !== undefined) return wrong
  const violated = repeatedRows(refs, kept, scope, tables.tables.get(TARGET_TABLE)?.sql ?? TARGET_TABLE)
  const metrics = scope === 'file' ? groupMetrics(refs, shown, kept) : rowMetrics(shown, kept, violated)
  // One column: its values are counted with the others that are.
  const [first] = refs
  const considered = refs.length === 1 && first !== undefined && kept !== TRUE ? { considered: first.present } : {}
  return {
    kind: 'measured',
    description: `${words} in ${PLACES[scope]}`,
    metrics: { ...metrics, ...considered },
    violated,
    scope,
  }
}

const PLACES: Readonly<Record<UniqueScope, string>> = {
  file: 'the file',
  batch: 'the batch',
  target: 'the batch and the target',
}

function scopeOf(kwargs: Kwargs): UniqueScope {
  const scope = kwargs['scope']
  return scope === 'batch' || scope === 'target' ? scope : 'file'
}

function targetProblem(refs: readonly ColumnRef[], { tables }: CompileScope): Compiled | undefined {
  const target = tables.get(TARGET_TABLE)
  if (target === undefined)
    return problem(
      'CHECK_TABLE',
      'scope is target, and there is no target to look in',
      'Use it where rows are loaded into a target, give the table, or use scope batch.',
    )
  const absent = refs.find((ref) => !target.columns.some((column) => column.name === ref.name))
  return absent === undefined
    ? undefined
    : problem('CHECK_TABLE', `the target has no column ${JSON.stringify(absent.name)}`, 'Use scope batch.')
}

function repeatedRows(refs: readonly ColumnRef[], kept: Expression, scope: UniqueScope, table: string): Expression {
  const keys = refs.map((ref) => ref.value)
  const repeated: Expression = { op: 'repeated', keys, ...(scope === 'file' ? {} : { scope: 'relation' }) }
  const columns = refs.map((ref) => ref.name)
  const anywhere: Expression = scope === 'target' ? or([repeated, { op: 'found-in', keys, table, columns }]) : repeated
  return and([...(kept === TRUE ? [] : [kept]), anywhere])
}

/** One grouping by the keys answers for every expectation about the same columns, whatever rows it ignores. */
function groupMetrics(
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

function rowMetrics(shown: Expression, kept: Expression, violated: Expression): Readonly<Record<string, Metric>> {
  return {
    elements: { kind: 'rows' },
    ...(kept === TRUE ? {} : { considered: { kind: 'count', where: kept } as const }),
    unexpected: { kind: 'count', where: violated },
    sample: { kind: 'sample', of: shown, where: violated },
  }
}
