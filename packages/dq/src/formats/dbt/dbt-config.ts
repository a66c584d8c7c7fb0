import type { Expectation, JsonValue, Severity, UnexpectedLimit } from '@tidegate/core'
import { definedOf, hasEntries, own, type FormatNote } from '../format-note.ts'
import type { JsonMap } from '../../json-map.ts'
import { findExpectation } from '../../expectations/registry.ts'
import type { DbtTest } from './dbt-test.ts'

/** What the configuration of a test makes of its check. */
export interface TestSettings {
  readonly severity: Severity
  readonly fail?: UnexpectedLimit | undefined
  readonly warn?: UnexpectedLimit | undefined
  readonly where: string | undefined
  readonly meta: JsonMap | undefined
}

/**
 * `severity`, `error_if`, `warn_if` and `where` of a test. Without limits, any failure counts (`!= 0`). An error comes
 * first in dbt: with `error_if` but no `warn_if`, up to that many failures are still a warning; with `severity: warn`
 * only `warn_if` is looked at.
 */
export function testSettings({ config, title, path }: DbtTest, notes: FormatNote[]): TestSettings {
  const warns = String(own(config, 'severity') ?? 'error').toLowerCase() === 'warn'
  const error = warns ? undefined : limitOf(own(config, 'error_if'), `${path}.error_if`, notes)
  const warn = limitOf(own(config, 'warn_if'), `${path}.warn_if`, notes)
  const limits = warns
    ? { fail: warn }
    : {
        fail: error,
        warn: error === undefined || (warn?.count ?? 0) >= (error.count ?? 0) ? undefined : (warn ?? { count: 0 }),
      }
  if (own(config, 'fail_calc') !== undefined && own(config, 'fail_calc') !== 'count(*)')
    notes.push({
      kind: 'dropped',
      path: `${path}.fail_calc`,
      message: 'failures are rows here, however they are counted there',
    })
  const where = own(config, 'where')
  const kept = definedOf({
    ...Object.fromEntries(KEPT_KEYS.map((key) => [key, own(config, key)])),
    name: title,
  })
  return {
    severity: warns ? 'warning' : 'critical',
    ...definedLimits(limits),
    where: typeof where === 'string' && where.trim() !== '' ? where.trim() : undefined,
    meta: hasEntries(kept) ? kept : undefined,
  }
}

/** Puts the limits on a check of single rows; on others, dbt counts one failure, and a limit above 0 switches it off. */
export function withLimits(
  expectation: Expectation,
  { fail, warn }: TestSettings,
  path: string,
  notes: FormatNote[],
): Expectation {
  if (fail === undefined && warn === undefined) return expectation
  if (expectation.kwargs['mostly'] !== undefined || !isOfRows(expectation.type)) {
    notes.push({
      kind: 'dropped',
      path,
      message: 'error_if and warn_if have no meaning for a check that is no check of single rows',
    })
    return expectation
  }
  if (COUNTED_BY_VALUE.has(expectation.type))
    notes.push({
      kind: 'changed',
      path,
      message: 'error_if and warn_if count rows here; dbt counts the distinct values that fail',
    })
  return { ...expectation, ...(fail === undefined ? {} : { fail }), ...(warn === undefined ? {} : { warn }) }
}

function isOfRows(type: string): boolean {
  const kind = findExpectation(type)?.kind
  if (kind !== undefined) return kind === 'column-map' || kind === 'pair-map' || kind === 'multi-map'
  return /^expect_(column_values?_|column_pair_|compound_|select_)/.test(type)
}

const COUNTED_BY_VALUE: ReadonlySet<string> = new Set([
  'expect_column_values_to_be_unique',
  'expect_compound_columns_to_be_unique',
  'expect_column_values_to_be_in_set',
])

/** Settings that have no effect here and are carried along, so that they can be written back. */
export const KEPT_KEYS: readonly string[] = [
  'tags',
  'meta',
  'description',
  'limit',
  'fail_calc',
  'store_failures',
  'store_failures_as',
  'alias',
  'schema',
  'database',
  'group',
]

/** `>10`, `>= 11`, `!= 0`, `10` as a number of rows that may fail. */
function limitOf(value: JsonValue | undefined, path: string, notes: FormatNote[]): UnexpectedLimit | undefined {
  if (value === undefined || value === null) return undefined
  const match = /^\s*(>=|>|!=|<>)\s*([0-9]+)\s*$/.exec(String(value))
  const [, sign = '', digits = ''] = match ?? []
  const count = sign === '>=' ? Number(digits) - 1 : Number(digits)
  const known = match !== null && Number.isSafeInteger(count) && (sign === '>' || sign === '>=' || count === 0)
  if (known && count > 0) return { count }
  if (known && count === 0) return undefined
  notes.push({
    kind: 'dropped',
    path,
    message: `${JSON.stringify(value)} is no limit that has an equivalent; one failure is one too many`,
  })
  return undefined
}

function definedLimits(limits: Pick<TestSettings, 'fail' | 'warn'>): Pick<TestSettings, 'fail' | 'warn'> {
  return {
    ...(limits.fail === undefined ? {} : { fail: limits.fail }),
    ...(limits.warn === undefined ? {} : { warn: limits.warn }),
  }
}
