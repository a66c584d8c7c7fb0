import type { JsonValue, Session } from '@tidegate/core'
import { createRegistry, type Registry } from '../expectations/registry.ts'
import type { ExpectationDefinition, MetricPoint } from '../expectations/definition.ts'
import type { ValidationResult } from '../results/gx-types.ts'
import type { ResultFormat } from '../results/result-format.ts'
import type { ValueTester } from '../value-tests/value-test.ts'
import type { Data, FilesData } from './data/data.ts'
import { prepareData, prepareTables } from './data/prepare-data.ts'
import { readSuite, type Suite } from './read-suite.ts'
import { runSuite } from './run-suite.ts'
import { sessionOf, type ConnectionLike } from './session-of.ts'

export interface ValidateOptions {
  /** How much the results tell. @defaultValue what the expectation itself says under `result_format`, else SUMMARY */
  readonly resultFormat?: ResultFormat | undefined
  /** Columns that say which row it was; short for `unexpected_index_column_names`. */
  readonly indexColumns?: readonly string[] | undefined
  /** Values of `{"$PARAMETER": …}` by name, over those of the suite. */
  readonly parameters?: Readonly<Record<string, JsonValue>> | undefined
  /** Other tables by the names that expectations use, e.g. for `expect_table_row_count_to_equal_other_table`. */
  readonly tables?: Readonly<Record<string, Data>> | undefined
  /** Expectations of your own beside the built-in ones, see `defineExpectation`. */
  readonly plugins?: readonly ExpectationDefinition[] | undefined
  /** When the data is judged, Unix milliseconds: for checks of freshness. @defaultValue now */
  readonly nowMs?: number | undefined
  /** Earlier values of checks by their id (`meta.tidegate.id`), oldest first: for checks over time. */
  readonly history?:
    | Readonly<Record<string, readonly MetricPoint[]>>
    | ReadonlyMap<string, readonly MetricPoint[]>
    | undefined
  /** Columns whose values appear as `***`, besides those that a contract calls sensitive. */
  readonly maskedColumns?: readonly string[] | undefined
  /** Stops the query that runs and rejects with code `CANCELLED`. */
  readonly signal?: AbortSignal | undefined
  /** Also the plan, in `meta.tidegate.plan`. @defaultValue false */
  readonly explain?: boolean | undefined
  /** Makes the tests that JavaScript makes. Stays the caller's to close. @defaultValue one of its own */
  readonly tester?: ValueTester | undefined
}

/**
 * Validates data against a suite and answers in Great Expectations' shape.
 *
 * A check that cannot be evaluated (unknown name, wrong argument, missing column, refused by the engine) is a result with
 * `success: false` and the reason in `exception_info`; the others are answered.
 *
 * @param session a Tidegate session, or your own DuckDBConnection (then `@tidegate/duckdb` must be installed)
 * @param data a table, files, rows or an Arrow table. Several files are one batch; rows of it are then called
 *   `{ file, row }` in `unexpected_index_list`.
 * @param suite a suite of Great Expectations (0.18 or 1.x) as parsed JSON, a contract, or a list of expectations
 * @throws TidegateError where nothing can be validated: `CHECK_DATA`, `CHECK_SUITE`, `CHECK_FORMAT`, `CHECK_SESSION`,
 *   `CHECK_RESULT_FORMAT`, `CHECK_INDEX_COLUMN`, `CHECK_PLUGIN`, `CANCELLED`, and what the engine throws when it cannot go on (`ENGINE_…`)
 */
export async function validate(
  session: Session | ConnectionLike,
  data: Data,
  suite: Suite,
  options: ValidateOptions = {},
): Promise<ValidationResult> {
  const [result] = (await validateAll(session, data, suite, false, options)).values()
  // Every relation has at least one key.
  if (result === undefined) throw new Error('no result')
  return result
}

/**
 * Validates every file for itself, in shared scans: the results by file. Parquet footers prove what they can.
 *
 * @throws what {@link validate} throws
 */
export function validateEach(
  session: Session | ConnectionLike,
  data: FilesData,
  suite: Suite,
  options: ValidateOptions = {},
): Promise<ReadonlyMap<string, ValidationResult>> {
  return validateAll(session, data, suite, true, options)
}

async function validateAll(
  given: Session | ConnectionLike,
  data: Data,
  suite: Suite,
  each: boolean,
  options: ValidateOptions,
): Promise<ReadonlyMap<string, ValidationResult>> {
  const read = readSuite(suite)
  const registry: Registry = createRegistry(options.plugins ?? [])
  const session = await sessionOf(given)
  const query = { signal: options.signal }
  const others = await prepareTables(session, options.tables ?? {}, query)
  try {
    const declared = Object.entries(read.contract.schema.columns).map(([name, { type }]) => [name, type] as const)
    const prepared = await prepareData(session, data, each, query, new Map(declared))
    try {
      return await runSuite(session, read, prepared, { ...options, registry, tables: others.tables })
    } finally {
      await prepared.dispose()
    }
  } finally {
    await others.dispose()
  }
}
