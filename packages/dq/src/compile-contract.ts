import type { ColumnSchema, Contract, Dimension, Expectation } from '@tidegate/core'
import { checkIds, expectationColumns } from './check-ids.ts'
import { closest } from './closest.ts'
import { columnRef, type ColumnRef } from './column-ref.ts'
import type { CompiledCheck, CompiledContract, SensitiveColumns } from './compiled-contract.ts'
import { parseType } from './data-type.ts'
import type { CheckProblem, Compiled, CompileScope, Kwargs } from './expectations/definition.ts'
import { expectationTypes, findExpectation } from './expectations/registry.ts'
import { parseKwargs } from './parse-kwargs.ts'
import { schemaChecks } from './schema-checks.ts'

export interface CompileOptions {
  /** Also the checks that the contract's schema implies. @defaultValue true */
  readonly schema?: boolean | undefined
}

/**
 * Lets a contract meet the columns of the data. Pure. Never throws on a bad expectation: an unknown type, a wrong
 * argument or a column that is not there becomes a check whose outcome is `error`.
 */
export function compileContract(
  contract: Contract,
  columns: readonly ColumnSchema[],
  options: CompileOptions = {},
): CompiledContract {
  const ids = checkIds(contract)
  const scope = compileScope(contract, columns)
  const expectations = contract.expectations.map((expectation, index) =>
    compileExpectation(expectation, index, ids[index] ?? `check-${index}`, scope),
  )
  return {
    contract: contract.contract,
    checks: options.schema === false ? expectations : [...schemaChecks(contract, columns), ...expectations],
    sensitive: sensitiveColumns(contract),
  }
}

export function sensitiveColumns(contract: Pick<Contract, 'schema'>): SensitiveColumns {
  const sensitive = new Map<string, 'mask' | 'hash' | 'drop'>()
  for (const [name, column] of Object.entries(contract.schema.columns))
    if (column.sensitive !== undefined) sensitive.set(name, column.sensitive)
  return sensitive
}

/** Columns as the data has them; one that the contract allows to be absent is a column of NULLs. */
export function compileScope(contract: Contract, columns: readonly ColumnSchema[]): CompileScope {
  const refs = new Map<string, ColumnRef>()
  for (const [name, column] of Object.entries(contract.schema.columns)) {
    const type = parseType(column.type)
    if (column.required === false && type !== undefined) refs.set(name, columnRef(name, type, true))
  }
  for (const { name, type } of columns) {
    refs.set(
      name,
      columnRef(name, parseType(type) ?? { text: type, name: type, class: 'other', precision: 0, scale: 0 }),
    )
  }
  return { column: (name) => refs.get(name), columnNames: columns.map((column) => column.name) }
}

export function compileExpectation(
  expectation: Expectation,
  index: number,
  id: string,
  scope: CompileScope,
): CompiledCheck {
  const definition = findExpectation(expectation.type)
  const base = {
    id,
    index,
    type: expectation.type,
    columns: expectationColumns(expectation),
    severity: expectation.severity ?? 'critical',
    dimension: definition?.dimension ?? ('validity' satisfies Dimension),
  } as const
  if (definition === undefined) return { ...base, kwargs: {}, answer: broken(unknownType(expectation.type)) }
  const { kwargs, problems } = parseKwargs(definition, expectation.kwargs)
  const [problem] = problems
  return { ...base, kwargs, answer: problem === undefined ? definition.compile(kwargs, scope) : broken(problem) }
}

/** Every problem of one expectation, where {@link compileExpectation} keeps the first. */
export function expectationProblems(expectation: Expectation, scope: CompileScope): readonly CheckProblem[] {
  const definition = findExpectation(expectation.type)
  if (definition === undefined) return [unknownType(expectation.type)]
  const { kwargs, problems } = parseKwargs(definition, expectation.kwargs)
  if (problems.length > 0) return problems
  const answer = definition.compile(kwargs satisfies Kwargs, scope)
  return answer.kind === 'problem' ? [answer.problem] : []
}

function broken(problem: CheckProblem): Compiled {
  return { kind: 'problem', problem }
}

function unknownType(type: string): CheckProblem {
  const suggestion = closest(type, expectationTypes())
  return {
    code: 'CHECK_UNKNOWN',
    message: `there is no expectation ${JSON.stringify(type)}`,
    hint:
      suggestion === undefined ? 'See the list of expectations in the documentation.' : `Did you mean ${suggestion}?`,
  }
}
