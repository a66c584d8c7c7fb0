import { codeOf, messageOf, type Cell, type QueryOptions, type Session } from '@tidegate/core'
import type { CheckPlan, PlannedValues } from '../plan/check-plan.ts'
import { valueStatements } from '../plan/plan-value-tests.ts'
import { isFatal, type MetricFailure } from './run-query.ts'
import type { ValueTester } from '../value-tests/value-test.ts'

export interface TestedValues {
  readonly failing: ReadonlyMap<string, readonly string[]>
  /** Tests that could not be made, by the canonical text of their expression. */
  readonly failures: ReadonlyMap<string, MetricFailure>
}

/** Distinct values that are in memory at one time, at most, and characters of them, unless a single value has more. */
const VALUES_PER_PART = 200_000
const CHARACTERS_PER_PART = 32_000_000
/** Failing values that are kept for the conditions of queries. */
const FAILING_VALUES = 1_000_000
const FAILING_CHARACTERS = 128_000_000

/**
 * Fetches the distinct values of each expression, in parts, and puts them to their tests. A test that cannot be made is a
 * failure of its own; the engine refusing the values is one of all tests of them.
 */
export async function testValues(
  session: Session,
  plan: CheckPlan,
  tester: ValueTester,
  options: QueryOptions,
): Promise<TestedValues> {
  const failing = new Map<string, readonly string[]>()
  const failures = new Map<string, MetricFailure>()
  for (const values of plan.valueTests) {
    try {
      await testItem(session, plan, values, tester, { failing, failures }, options)
    } catch (error) {
      if (isFatal(error)) throw error
      const code = codeOf(error) === 'CHECK_VALUE_TEST' ? 'CHECK_VALUE_TEST' : 'CHECK_ENGINE'
      for (const { key } of values.tests) failures.set(key, { code, message: messageOf(error) })
    }
  }
  for (const key of failures.keys()) failing.delete(key)
  return { failing, failures }
}

async function testItem(
  session: Session,
  plan: CheckPlan,
  values: PlannedValues,
  tester: ValueTester,
  into: { readonly failing: Map<string, readonly string[]>; readonly failures: Map<string, MetricFailure> },
  options: QueryOptions,
): Promise<void> {
  const statements = valueStatements(values.item, plan.relation, session.dialect)
  const size = (await session.query(statements.size, options)).rows[0] ?? []
  const parts = Math.max(
    1,
    Math.ceil(toNumber(size[0]) / VALUES_PER_PART),
    Math.ceil(toNumber(size[1]) / CHARACTERS_PER_PART),
  )
  for (const { key } of values.tests) into.failing.set(key, [])
  for (let part = 0; part < parts; part += 1) {
    const open = values.tests.filter(({ key }) => !into.failures.has(key))
    if (open.length === 0) return
    const { rows } = await session.query(statements.part(part, parts), options)
    const texts = rows.map(([text]) => String(text))
    for (const { key, test } of open) {
      const outcome = await tester.test(test, texts, { signal: options.signal })
      options.signal?.throwIfAborted()
      if (outcome.kind === 'tested')
        keepFailing(
          key,
          outcome.failing.map((index) => texts[index] ?? ''),
          into,
        )
      else into.failures.set(key, testFailure(outcome))
    }
  }
}

function keepFailing(
  key: string,
  found: readonly string[],
  {
    failing,
    failures,
  }: { readonly failing: Map<string, readonly string[]>; readonly failures: Map<string, MetricFailure> },
): void {
  const all = [...(failing.get(key) ?? []), ...found]
  const characters = all.reduce((sum, text) => sum + text.length, 0)
  if (all.length > FAILING_VALUES || characters > FAILING_CHARACTERS)
    failures.set(key, {
      code: 'CHECK_TOO_MANY_VALUES',
      message: `more than ${FAILING_VALUES} different values, or ${FAILING_CHARACTERS} characters of them, fail the test; the rows cannot be told apart`,
    })
  else failing.set(key, all)
}

function testFailure(
  outcome:
    | { readonly kind: 'timeout'; readonly afterMs: number }
    | { readonly kind: 'unusable'; readonly message: string },
): MetricFailure {
  return outcome.kind === 'timeout'
    ? { code: 'CHECK_TIMEOUT', message: `the values were not tested within ${outcome.afterMs} ms` }
    : { code: 'CHECK_VALUE_TEST', message: outcome.message }
}

function toNumber(cell: Cell | undefined): number {
  return Number(cell ?? 0)
}
