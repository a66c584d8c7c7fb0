import { assertNever, type Cell, type FileStatistics, type Relation } from '@tidegate/core'
import { parseType, type DataType } from '../expression/data-type.ts'
import { and, isNull, not, TRUE, type Expression } from '../expression/expression.ts'
import type { Metric } from '../expression/metric.ts'
import { columnsOf, countRows } from './count-rows.ts'
import { knownFiles, rowGroupFacts, type KnownFile } from './known-files.ts'
import { aggregatedColumn, proveDistinct, proveExtreme } from './prove-extreme.ts'

/** What the footers prove. A metric is in `values` only when it is proved for every file of the relation. */
export interface Proofs {
  /** By metric key: the metric's value in each file, by file key. */
  readonly values: ReadonlyMap<string, ReadonlyMap<string, Cell>>
  /** By file key: row groups of the file, all of which were looked at. */
  readonly rowGroups: ReadonlyMap<string, number>
}

/**
 * Proves what Parquet footers alone can prove: numbers of rows that all, or no rows, or all but the nulls of a row group
 * add up to; smallest and largest values; and what follows for columns of nulls and for empty files. What is not certain
 * is left out. `statistics` in any order; they are found by the files' `parquet` address.
 */
export function proveMetrics(
  metrics: ReadonlyMap<string, Metric>,
  relation: Relation,
  statistics: readonly FileStatistics[],
): Proofs {
  const values = new Map<string, ReadonlyMap<string, Cell>>()
  const files = knownFiles(relation, statistics)
  if (files === undefined || files.length === 0) return { values, rowGroups: new Map() }
  const types = new Map(relation.columns.map(({ name, type }) => [name, parseType(type)]))
  for (const [key, metric] of metrics) {
    const proved = proveMetric(metric, files, types)
    if (proved !== undefined) values.set(key, proved)
  }
  return { values, rowGroups: new Map(files.map((file) => [file.key, file.groups.length])) }
}

type Types = ReadonlyMap<string, DataType | undefined>

function proveMetric(metric: Metric, files: readonly KnownFile[], types: Types): ReadonlyMap<string, Cell> | undefined {
  const prove = proverOf(metric, types)
  if (prove === undefined) return undefined
  const values = new Map<string, Cell>()
  for (const file of files) {
    const value = prove(file)
    if (value === undefined) return undefined
    values.set(file.key, value)
  }
  return values
}

type Prover = (file: KnownFile) => Cell | undefined

/** How this kind of metric is proved in one file; undefined where it never is. */
function proverOf(metric: Metric, types: Types): Prover | undefined {
  const among = metric.among ?? TRUE
  switch (metric.kind) {
    case 'rows':
      return counter(among, types)
    case 'count':
      return counter(conjunction(among, metric.where), types)
    case 'present':
      return counter(conjunction(among, not(isNull(metric.of))), types)
    case 'sample': {
      const count = counter(conjunction(among, metric.where), types)
      return (file) => (count(file) === 0 ? [] : undefined)
    }
    case 'aggregate':
      return aggregator(metric, among, types)
    case 'group-count':
    case 'group-max':
      return whereEmpty(metric.keys, among, types, 0)
    case 'group-list':
      return whereEmpty(metric.keys, among, types, [])
    case 'quantiles':
      return whereEmpty([metric.of], among, types, null)
    case 'histogram':
    case 'group-sample':
    case 'query-count':
    case 'query-list':
      return undefined
    default:
      return assertNever(metric)
  }
}

function conjunction(among: Expression, where: Expression): Expression {
  return among === TRUE ? where : and([among, where])
}

function counter(condition: Expression, types: Types): Prover {
  const names = columnsOf(condition)
  // A column that the relation lacks is for the engine to refuse.
  if (!names.every((name) => types.has(name))) return () => undefined
  return (file) => {
    // Most of what can be proved is true of the file as a whole; row groups are asked one by one only where it is not.
    const whole = countRows(condition, names, rowGroupFacts(file, 'whole', names))
    if (whole !== undefined || file.groups.length < 2) return whole
    let sum = 0
    for (const group of file.groups.keys()) {
      const count = countRows(condition, names, rowGroupFacts(file, group, names))
      if (count === undefined) return undefined
      sum += count
    }
    return sum
  }
}

function aggregator(metric: Extract<Metric, { readonly kind: 'aggregate' }>, among: Expression, types: Types): Prover {
  const { function: name, of } = metric
  const taking = counter(conjunction(among, not(isNull(of))), types)
  const all = counter(among, types)
  const column = aggregatedColumn(of)
  const type = column === undefined ? undefined : types.get(column.name)
  return (file) => {
    // Nothing to aggregate: NULL, and no different values.
    if (taking(file) === 0) return name === 'distinct' ? 0 : null
    if (column === undefined || type === undefined || all(file) !== file.rows) return undefined
    if (name === 'min' || name === 'max') return proveExtreme(name, column, file, type)
    return name === 'distinct' ? proveDistinct(column, file) : undefined
  }
}

/** What is known of groups and orders is what is known of nothing: the value where no row takes part. */
function whereEmpty(items: readonly Expression[], among: Expression, types: Types, value: Cell): Prover {
  const counts = items.map((item) => counter(conjunction(among, not(isNull(item))), types))
  const rows = counter(among, types)
  return (file) => (rows(file) === 0 && counts.every((count) => count(file) === 0) ? value : undefined)
}
