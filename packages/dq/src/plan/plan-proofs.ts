import type { FileStatistics, Relation } from '@tidegate/core'
import type { PlannedCheck } from './check-plan.ts'
import { parseType } from '../expression/data-type.ts'
import { column, describeExpression, type Expression } from '../expression/expression.ts'
import { walk } from '../expression/expression-parts.ts'
import type { Metric } from '../expression/metric.ts'
import { cheaperByValue } from '../proofs/cheaper-by-value.ts'
import { proveMetrics, type Proofs } from '../proofs/prove-metrics.ts'

const NO_PROOFS: Proofs = { values: new Map(), rowGroups: new Map() }

/** What the footers prove of these metrics. */
export function proveAll(
  metrics: ReadonlyMap<string, Metric>,
  relation: Relation,
  statistics: readonly FileStatistics[],
): Proofs {
  if (statistics.length === 0 || relation.files.length === 0) return NO_PROOFS
  const provable = [...metrics].filter(([, { kind }]) => kind !== 'sample' && kind !== 'group-sample')
  return proveMetrics(new Map(provable), relation, statistics)
}

/** Whether no number that the check is judged by is left to ask. */
export function isProved(check: PlannedCheck, proofs: Proofs): boolean {
  const keys = Object.entries(check.metrics).flatMap(([role, key]) => (role === 'sample' ? [] : [key]))
  return keys.length > 0 && keys.every((key) => proofs.values.has(key))
}

/**
 * Conditions that look at one text only are judged once per distinct value, where values repeat enough: rows are counted
 * over the groups of equal values, which all conditions on the column share.
 */
export function byValue(
  metrics: ReadonlyMap<string, Metric>,
  relation: Relation,
  statistics: readonly FileStatistics[],
): ReadonlyMap<string, Metric> {
  if (statistics.length === 0) return metrics
  const texts = new Set(relation.columns.flatMap(({ name, type }) => (parseType(type)?.class === 'text' ? [name] : [])))
  const cheaper = new Map<string, boolean>()
  const isCheaper = (item: Expression): boolean => {
    const name = describeExpression(item)
    const known = cheaper.get(name) ?? cheaperByValue(item, relation, statistics)
    cheaper.set(name, known)
    return known
  }
  return new Map(
    [...metrics].map(([key, metric]) => {
      if (metric.kind !== 'count' || metric.among !== undefined) return [key, metric]
      const item = onlyText(metric.where, texts)
      if (item === undefined || !isCheaper(item)) return [key, metric]
      return [key, { kind: 'group-count', keys: [item], count: 'rows', where: metric.where }]
    }),
  )
}

const COSTLY: ReadonlySet<Expression['op']> = new Set(['matches', 'like', 'length', 'in'])
const OF_MORE_THAN_VALUES: ReadonlySet<Expression['op']> = new Set([
  'raw',
  'misfit',
  'passes',
  'found-in',
  'repeated',
  'previous',
  'over-file',
  'group-size',
])

/** The column that a costly condition looks at, if it looks at nothing else. */
function onlyText(where: Expression, texts: ReadonlySet<string>): Expression | undefined {
  const names = new Set<string>()
  let [isCostly, isPlain] = [false, true]
  walk(where, (part) => {
    if (part.op === 'column') names.add(part.name)
    if (COSTLY.has(part.op)) isCostly = true
    if (OF_MORE_THAN_VALUES.has(part.op)) isPlain = false
  })
  const [name] = names
  return isCostly && isPlain && names.size === 1 && name !== undefined && texts.has(name) ? column(name) : undefined
}
