import type { Contract } from '@tidegate/core'
import { checkIds } from './check-ids.ts'
import { compileScope, expectationProblems } from './compile-contract.ts'
import { parseType } from './data-type.ts'

/** A mistake in a contract that can be seen without data. */
export interface ContractProblem {
  readonly severity: 'error' | 'warning'
  /** `CHECK_…` */
  readonly code: string
  readonly message: string
  readonly hint?: string | undefined
  /** Where it is in the contract, e.g. `['expectations', 2]`. */
  readonly path: readonly (string | number)[]
}

/**
 * Checks a contract against itself: types, expectations and their arguments, with the schema's columns standing for the
 * data's. A column that the schema does not name is a warning, because files may have more columns.
 */
export function validateExpectations(contract: Contract): readonly ContractProblem[] {
  const columns = Object.entries(contract.schema.columns).map(([name, column]) => ({ name, type: column.type }))
  const scope = compileScope(contract, columns)
  const problems: ContractProblem[] = columns
    .filter((column) => parseType(column.type) === undefined)
    .map((column) => ({
      severity: 'error',
      code: 'CHECK_TYPE',
      message: `${JSON.stringify(column.type)} is not a type`,
      hint: 'Use a DuckDB type such as BIGINT, DOUBLE, VARCHAR or TIMESTAMP.',
      path: ['schema', 'columns', column.name, 'type'],
    }))
  const ids = checkIds(contract)
  for (const [index, expectation] of contract.expectations.entries()) {
    const path = ['expectations', index] as const
    for (const problem of expectationProblems(expectation, scope))
      problems.push({ ...problem, severity: problem.code === 'CHECK_COLUMN_MISSING' ? 'warning' : 'error', path })
    if (expectation.id !== undefined && expectation.id !== ids[index])
      problems.push({
        severity: 'error',
        code: 'CHECK_ID',
        message: `the id ${JSON.stringify(expectation.id)} is taken or reserved; ${JSON.stringify(ids[index])} is used`,
        hint: 'Ids are unique in a contract and do not begin with schema:.',
        path: [...path, 'id'],
      })
  }
  return problems
}
