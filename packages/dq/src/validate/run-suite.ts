import { isTidegateError, TidegateError, type CheckResult, type Session } from '@tidegate/core'
import { compileContract } from '../compile/compile-contract.ts'
import type { CompiledCheck, CompiledContract } from '../compile/compiled-contract.ts'
import { evaluatePlan, type Evaluation } from '../evaluate/evaluate-checks.ts'
import type { MetricPoint, OtherTable } from '../expectations/definition.ts'
import type { Registry } from '../expectations/registry.ts'
import { explainPlan } from '../plan/explain-plan.ts'
import { planChecks } from '../plan/plan-checks.ts'
import { columnTypes, toGxResult } from '../results/gx-result.ts'
import type { GxExpectationResult, JsonObject, ValidationResult } from '../results/gx-types.ts'
import { needsOf, resolveResultFormat, type ResolvedFormat } from '../results/result-format.ts'
import { toValidationResult } from '../results/validation-result.ts'
import type { PreparedData } from './data/data.ts'
import { indexQueries } from './index-queries.ts'
import type { ReadSuite } from './read-suite.ts'
import type { ValidateOptions } from './validate.ts'

export interface RunOptions extends Omit<ValidateOptions, 'tables' | 'plugins'> {
  readonly registry: Registry
  readonly tables: ReadonlyMap<string, OtherTable>
}

/** Compiles, plans, evaluates and writes the results down, for every key of the relation. */
export async function runSuite(
  session: Session,
  suite: ReadSuite,
  data: PreparedData,
  options: RunOptions,
): Promise<ReadonlyMap<string, ValidationResult>> {
  const { relation } = data
  const names = relation.columns.map((column) => column.name)
  const formats = formatsOf(suite, options)
  const sound = formats.flatMap((format) => (format instanceof TidegateError ? [] : [format]))
  checkIndexColumns(sound, names)
  const needs = needsOf(sound, names)
  const nowMs = options.nowMs ?? Date.now()
  const parameters = { ...suite.parameters, ...options.parameters }
  const compiled = compileContract(suite.contract, relation.columns, {
    registry: options.registry,
    tables: options.tables,
    parameters,
    nowMs,
  })
  const plan = planChecks(compiled, relation, session.dialect, { statistics: data.statistics, capture: needs })
  const evaluation = await evaluatePlan(session, plan, {
    signal: options.signal,
    registry: options.registry,
    nowMs,
    history: historyOf(options.history),
    maskedColumns: options.maskedColumns,
    tester: options.tester,
    // The session, or the folder, is the caller's own.
    queriesReach: 'session',
  })
  const secret = new Set([...compiled.sensitive.keys(), ...(options.maskedColumns ?? [])])
  const writer = { suite, data, compiled, formats, evaluation, session, registry: options.registry, secret }
  return new Map(
    relation.files.map((file) => {
      const checks = evaluation.results.get(file.key) ?? []
      const result = toValidationResult({
        suiteName: suite.name,
        parameters,
        checks,
        results: writeResults(checks, writer),
        // Samples are asked for only where something failed.
        queries: plan.queries.filter((query) => query.kind !== 'sample').length,
        data: relation.files.length === 1 ? data.description : file.path,
        plan: options.explain === true ? explainPlan(plan).json : undefined,
      })
      return [file.path, result] as const
    }),
  )
}

function historyOf(given: ValidateOptions['history'] = {}): ReadonlyMap<string, readonly MetricPoint[]> {
  // A Map has no entries of an object: everything would be called new.
  return given instanceof Map ? given : new Map(Object.entries(given))
}

interface Writer {
  readonly suite: ReadSuite
  readonly data: PreparedData
  readonly compiled: CompiledContract
  /** By place in the contract; an error where the expectation's own is none. */
  readonly formats: readonly (ResolvedFormat | TidegateError)[]
  readonly evaluation: Evaluation
  readonly session: Session
  readonly registry: Registry
  /** Columns whose values are not to be seen. */
  readonly secret: ReadonlySet<string>
}

function writeResults(checks: readonly CheckResult[], writer: Writer): readonly GxExpectationResult[] {
  const { suite, data, compiled, formats, registry } = writer
  const byId = new Map(checks.map((check) => [check.id, check]))
  const columns = columnTypes(data.relation.columns)
  const queries = queriesOf(writer)
  return compiled.checks.flatMap((check) => {
    const found = byId.get(check.id)
    if (found === undefined) return []
    const format = check.index === undefined ? resolveResultFormat('SUMMARY') : formats[check.index]
    const [result, shape] = withFormat(found, format)
    return toGxResult(result, configOf(check, suite), {
      format: shape,
      generation: suite.generation,
      kind: registry.find(check.type)?.kind,
      columns,
      locate: data.locate,
      indexQuery: queries.get(check.id),
    })
  })
}

/** By check id: a query that finds its unexpected rows, where somebody wants one. */
function queriesOf({ formats, data, session, compiled, evaluation, secret }: Writer): ReadonlyMap<string, string> {
  const wanted = formats.find((format) => !(format instanceof TidegateError) && format.indexQuery)
  if (wanted === undefined || !data.lasts) return new Map()
  return indexQueries(session, compiled, data.relation, evaluation, wanted, (column) => secret.has(column))
}

/** A check whose own result format is none cannot say what it found. */
function withFormat(
  check: CheckResult,
  format: ResolvedFormat | TidegateError | undefined,
): readonly [CheckResult, ResolvedFormat] {
  if (format === undefined) return [check, resolveResultFormat('SUMMARY')]
  if (!(format instanceof TidegateError)) return [check, format]
  const error = { code: format.code, message: `${format.message}. ${format.hint ?? ''}`.trim() }
  return [{ ...check, outcome: 'error', message: error.message, error }, resolveResultFormat('BOOLEAN_ONLY')]
}

/** What a contract's schema implies has no expectation to echo. */
function configOf({ index, id, columns }: CompiledCheck, suite: ReadSuite): JsonObject {
  if (index !== undefined) return suite.configs[index] ?? {}
  return { type: 'schema', kwargs: { column: columns[0] ?? '', rule: id.slice(id.lastIndexOf(':') + 1) }, meta: {}, id }
}

/** The result format of each expectation: the call's, or its own. */
function formatsOf(suite: ReadSuite, options: RunOptions): readonly (ResolvedFormat | TidegateError)[] {
  const { resultFormat, indexColumns } = options
  if (resultFormat !== undefined) {
    const format = withIndex(resolveResultFormat(resultFormat), indexColumns)
    return suite.contract.expectations.map(() => format)
  }
  return suite.contract.expectations.map(({ kwargs }) => {
    try {
      return withIndex(resolveResultFormat(kwargs['result_format'] ?? 'SUMMARY'), indexColumns)
    } catch (error) {
      if (isTidegateError(error)) return error
      throw error
    }
  })
}

function withIndex(format: ResolvedFormat, indexColumns: readonly string[] | undefined): ResolvedFormat {
  if (indexColumns === undefined || indexColumns.length === 0 || format.indexColumns !== undefined) return format
  return { ...format, indexColumns }
}

function checkIndexColumns(formats: readonly ResolvedFormat[], names: readonly string[]): void {
  for (const { indexColumns = [] } of formats) {
    const missing = indexColumns.find((name) => !names.includes(name))
    if (missing !== undefined)
      throw new TidegateError('CHECK_INDEX_COLUMN', `the index column ${JSON.stringify(missing)} is not in the data`, {
        hint: `The data has ${names.slice(0, 20).join(', ')}${names.length > 20 ? ', …' : ''}.`,
      })
  }
}
