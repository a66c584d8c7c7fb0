import type { ContractColumn, Expectation } from '@tidegate/core'
import { expectationColumns } from '../compile/check-ids.ts'
import { compileScope } from '../compile/compile-contract.ts'
import { expectationContext, expectationProblems } from '../compile/compile-expectation.ts'
import type { DroppedSuggestion } from './suggestion.ts'

export interface Settled {
  readonly schema: Readonly<Record<string, ContractColumn>>
  readonly expectations: readonly Expectation[]
  readonly dropped: readonly DroppedSuggestion[]
}

/**
 * Columns and rules that go together. A rule that asks for text (`match_strftime_format`, a pattern) of a column that was found
 * to be of another type makes it VARCHAR where the files are text, unless another rule of the column asks for the type that was
 * found; else the rule goes.
 */
export function settleText(
  columns: Readonly<Record<string, ContractColumn>>,
  expectations: readonly Expectation[],
  isText: boolean,
): Settled {
  const schema = Object.assign(Object.create(null) as Record<string, ContractColumn>, columns)
  const dropped: DroppedSuggestion[] = []
  const gone = new Set<Expectation>()
  for (const [name, column] of Object.entries(columns)) {
    const own = expectations.filter((item) => expectationColumns(item).includes(name))
    const asText = { ...schema, [name]: { ...column, type: 'VARCHAR' } }
    const wanting = own.filter((item) => !fits(item, schema) && fits(item, asText))
    if (wanting.length === 0) continue
    const others = own.filter((item) => !wanting.includes(item))
    if (isText && others.every((item) => fits(item, asText) || !fits(item, schema))) {
      schema[name] = { ...column, type: 'VARCHAR' }
      continue
    }
    for (const expectation of wanting) {
      gone.add(expectation)
      dropped.push({
        expectation,
        reason: `it asks for text, and ${name} is ${column.type}${isText ? ', as other rules of the column ask for' : ' in the files'}`,
      })
    }
  }
  return { schema, expectations: expectations.filter((item) => !gone.has(item)), dropped }
}

/** Whether the rule can be asked of columns of these types. */
function fits(expectation: Expectation, columns: Readonly<Record<string, ContractColumn>>): boolean {
  const schema = Object.entries(columns).map(([name, { type }]) => ({ name, type }))
  const context = expectationContext(compileScope({ schema: { columns } }, schema))
  return !expectationProblems(expectation, context).some(({ code }) => code === 'CHECK_TYPE' || code === 'CHECK_BOUNDS')
}
