import { TidegateError } from '@tidegate/core'
import { parseInstant } from '../expression/instant.ts'
import { ageText, parseAge, UNITS } from '../over-time/parse-age.ts'
import type { Compiled, CompileScope, ExpectationDefinition, Judgement, Kwargs, Measured } from './definition.ts'
import { columnMissing, problem } from './problems.ts'

/**
 * The latest value of a date or time column is not older than `max_age` (`24h`, `2d`) or, as dbt-expectations says it,
 * `interval` times `datepart`. A latest value further in the future than `max_future` (a day: zones and clocks differ) fails,
 * because behind it nobody can see how old the rest is. Without any value: failed. Observed value: the latest one.
 */
export const recentData: ExpectationDefinition = {
  type: 'expect_row_values_to_have_recent_data',
  kind: 'column-aggregate',
  dimension: 'freshness',
  label: 'recent',
  kwargs: {
    column: { type: 'column', required: true },
    max_age: { type: 'text' },
    datepart: { type: 'text' },
    interval: { type: 'integer' },
    max_future: { type: 'text', default: '1d' },
  },
  compile: compileRecent,
  judge: judgeRecent,
}

function compileRecent(kwargs: Kwargs, scope: CompileScope): Compiled {
  const name = String(kwargs['column'])
  const ref = scope.column(name)
  if (ref === undefined) return columnMissing(name, scope.columnNames)
  if (ref.type.class !== 'date' && ref.type.class !== 'timestamp')
    return problem(
      'CHECK_TYPE',
      `${name}, which is ${ref.type.text}, has no age`,
      'Give it the type DATE or TIMESTAMP in the contract.',
    )
  const age = maxAgeOf(kwargs)
  if (typeof age === 'string')
    return problem('CHECK_KWARG', age, 'Write max_age: 24h, or datepart: hour and interval: 24.')
  if (parseAge(String(kwargs['max_future'])) === undefined)
    return problem(
      'CHECK_KWARG',
      `max_future ${JSON.stringify(kwargs['max_future'])} is no length of time`,
      'Write 1h or 2d.',
    )
  return {
    kind: 'measured',
    description: `${name} not older than ${ageText(age)}`,
    metrics: {
      elements: { kind: 'rows' },
      considered: ref.present,
      observed: { kind: 'aggregate', function: 'max', of: ref.value },
    },
    resultType: ref.type,
  }
}

/** Milliseconds, or what is wrong. */
function maxAgeOf(kwargs: Kwargs): number | string {
  const [age, datepart, interval] = [kwargs['max_age'] ?? null, kwargs['datepart'] ?? null, kwargs['interval'] ?? null]
  if (age !== null) {
    if (datepart !== null || interval !== null)
      return 'max_age says it all: datepart and interval must not be given, too'
    return parseAge(String(age)) ?? `max_age ${JSON.stringify(age)} is no length of time`
  }
  if (datepart === null || interval === null) return 'no age is given'
  const unit = UNITS[String(datepart).toLowerCase().replace(/s$/, '')]
  if (unit === undefined) return `datepart ${JSON.stringify(datepart)} is no unit of time`
  return Number(interval) < 0 ? 'interval must not be negative' : Number(interval) * unit
}

function judgeRecent(kwargs: Kwargs, measured: Measured): Judgement {
  const { nowMs } = measured
  if (nowMs === undefined)
    throw new TidegateError('CHECK_NOW', 'nobody said what time it is, so the age of the data is not known', {
      hint: 'Give nowMs to evaluateChecks.',
    })
  const observed = measured.cell('observed')
  const elements = measured.count('elements')
  const counts = { elementCount: elements, missingCount: elements - measured.count('considered') }
  if (observed === null)
    return { passed: false, observedValue: null, message: `${measured.description}: no value`, ...counts }
  const instant = parseInstant(String(observed))
  // What cannot be read is infinity.
  const age = instant === undefined ? -Infinity : nowMs - Number(instant / 1_000_000n)
  const limit = maxAgeOf(kwargs)
  const future = parseAge(String(kwargs['max_future'])) ?? 0
  const ahead = -age > future
  const words = ahead
    ? `the latest is ${Number.isFinite(age) ? `${ageText(-age)} in the future` : 'infinite'}, so nothing can be said`
    : age < 0
      ? 'the latest is of now'
      : `the latest is ${ageText(age)} old`
  return {
    passed: !ahead && typeof limit === 'number' && age <= limit,
    observedValue: observed,
    message: `${measured.description}: ${words}`,
    ...counts,
  }
}
