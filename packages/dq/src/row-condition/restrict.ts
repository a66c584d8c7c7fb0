import { and, FALSE, type Expression } from '../expression/expression.ts'
import type { Compiled } from '../expectations/definition.ts'
import type { Metric } from '../expression/metric.ts'
import { mapExpression } from './map-expression.ts'

/**
 * The same check, only among the rows for which the condition is true: they are all it counts (`element_count`), looks at or
 * compares with each other. What the schema alone answers stays as it is, as it does in Great Expectations. Pure.
 */
export function restrict(answer: Compiled, condition: Expression): Compiled {
  if (answer.kind !== 'measured') return answer
  const { violated } = answer
  const metrics = Object.fromEntries(
    Object.entries(answer.metrics).map(([role, metric]) => [role, restrictMetric(metric, condition)]),
  )
  if (violated === undefined) return { ...answer, metrics }
  return {
    ...answer,
    metrics,
    violated: violated === FALSE ? FALSE : and([condition, restrictExpression(violated, condition)]),
  }
}

function restrictMetric(metric: Metric, condition: Expression): Metric {
  const inside = (expression: Expression): Expression => restrictExpression(expression, condition)
  const among = joined(metric.among, condition)
  switch (metric.kind) {
    case 'count':
      return { ...metric, where: inside(metric.where), among }
    case 'present':
    case 'aggregate':
    case 'quantiles':
    case 'histogram':
      return { ...metric, of: inside(metric.of), among }
    case 'sample':
      return { ...metric, of: inside(metric.of), where: inside(metric.where), among }
    case 'group-count':
    case 'group-max':
      return { ...metric, keys: metric.keys.map(inside), where: inside(metric.where), among }
    case 'group-list':
    case 'group-sample':
      return { ...metric, keys: metric.keys.map(inside), of: inside(metric.of), where: inside(metric.where), among }
    default:
      return { ...metric, among }
  }
}

/** What looks at other rows looks only at those that take part. */
function restrictExpression(expression: Expression, condition: Expression): Expression {
  return mapExpression(expression, (item) =>
    item.op === 'repeated' || item.op === 'previous' || item.op === 'over-file'
      ? { ...item, among: joined(item.among, condition) }
      : item,
  )
}

function joined(first: Expression | undefined, second: Expression): Expression {
  return first === undefined ? second : and([first, second])
}
