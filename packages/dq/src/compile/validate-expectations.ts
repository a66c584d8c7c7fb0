import type { Contract } from '@tidegate/core'
import { checkIds } from './check-ids.ts'
import { compileScope } from './compile-contract.ts'
import { expectationContext, expectationProblems, type ExpectationProblem } from './compile-expectation.ts'
import { parseType } from '../expression/data-type.ts'
import { REGISTRY, type Registry } from '../expectations/registry.ts'

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
 * data's. A column that the schema does not name is a warning, because files may have more columns, and nothing where the schema
 * names none; a suite parameter and another table that are only there when the contract runs are warnings too.
 */
export function validateExpectations(
  contract: Contract,
  { registry = REGISTRY }: { readonly registry?: Registry | undefined } = {},
): readonly ContractProblem[] {
  const columns = Object.entries(contract.schema.columns).map(([name, column]) => ({ name, type: column.type }))
  // Any time will do: only whether it is asked for rightly matters here.
  const parameters = { parameters: contract.parameters ?? {}, nowMs: 0 }
  const context = expectationContext(compileScope(contract, columns), { registry, parameters })
  const problems: ContractProblem[] = columns
    .filter((column) => parseType(column.type) === undefined)
    .map((column) => ({
      severity: 'error',
      code: 'CHECK_TYPE',
      message: `${JSON.stringify(column.type)} is not a type`,
      hint: 'Use a DuckDB type such as BIGINT, DOUBLE, VARCHAR or TIMESTAMP.',
      path: ['schema', 'columns', column.name, 'type'],
    }))
  // Without a schema nothing is known of the columns, so that none can be missing from it.
  const ofSchema = (problem: ExpectationProblem): readonly ExpectationProblem[] =>
    problem.code !== 'CHECK_COLUMN_MISSING' ? [problem] : columns.length === 0 ? [] : [unnamedColumn(problem)]
  const ids = checkIds(contract, registry)
  for (const [index, expectation] of contract.expectations.entries()) {
    const path = ['expectations', index] as const
    for (const { missing, ...problem } of expectationProblems(expectation, context).flatMap(ofSchema)) {
      const later = missing === true || problem.code === 'CHECK_COLUMN_MISSING' || problem.code === 'CHECK_TABLE'
      problems.push({ ...problem, severity: later ? 'warning' : 'error', path })
    }
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

/** There is no data yet that could lack the column. */
function unnamedColumn({ message, hint, ...problem }: ExpectationProblem): ExpectationProblem {
  return {
    ...problem,
    message: message.replace('the data has no column', 'the schema does not name the column'),
    hint:
      hint?.startsWith('Did you mean') === true ? hint : 'Name it under schema.columns, or correct the expectation.',
  }
}
