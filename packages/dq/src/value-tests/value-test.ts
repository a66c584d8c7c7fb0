import { stringifyJson, type JsonValue } from '@tidegate/core'

/**
 * A test of one text that no engine can make, as data: it crosses into a worker, where JavaScript makes it. What is tested
 * are distinct values, so its cost follows their number and not that of the rows.
 */
export type ValueTest =
  /** Found anywhere in the text. `source` and `flags` are JavaScript's, translated already. */
  | { readonly kind: 'regex'; readonly source: string; readonly flags: string }
  /** Python's `strptime` accepts the text in this format. */
  | { readonly kind: 'strftime'; readonly format: string }
  /** `dateutil.parser.parse` accepts the text. */
  | { readonly kind: 'dateutil' }
  /** Python's `json.loads` accepts the text. */
  | { readonly kind: 'json' }
  /** The text is JSON that fits the schema. */
  | { readonly kind: 'json-schema'; readonly schema: JsonValue }
  /** An exported function `(text: string, kwargs) => boolean` of a module: a plug-in's own test. */
  | { readonly kind: 'module'; readonly module: string; readonly export: string; readonly kwargs: JsonValue }

/** Canonical text: equal for equal tests. */
export function describeValueTest(test: ValueTest): string {
  return stringifyJson(test)
}

/** Makes tests, in a worker, within a time limit. */
export interface ValueTester {
  /**
   * Which of the values fail the test.
   *
   * - `unusable`: the test itself is wrong (a schema that is none, a module that is not there)
   * - `timeout`: not done within the limit, so nothing is known of any value
   */
  test(
    test: ValueTest,
    values: readonly string[],
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<TestOutcome>
  close(): Promise<void>
}

export type TestOutcome =
  | { readonly kind: 'tested'; /** Indices into the values, ascending. */ readonly failing: readonly number[] }
  | { readonly kind: 'timeout'; readonly afterMs: number }
  | { readonly kind: 'unusable'; readonly message: string }

/**
 * What testing found, by the canonical text of the `passes` expression: the distinct values that fail. A test that could not
 * be made has no entry.
 */
export type FailingValues = ReadonlyMap<string, readonly string[]>
