import type { Contract, Expectation } from '@tidegate/core'
import { REGISTRY, type Registry } from '../expectations/registry.ts'

/**
 * One id per expectation of the contract, in order: the expectation's own, or a readable one such as `delay:between`,
 * `origin:not_null`, `carrier+flight:unique`, `table:row_count`. Unique in the contract: the second one of a name gets
 * `-2`. Ids beginning with `schema:` belong to the checks that the contract's schema implies.
 */
export function checkIds(contract: Pick<Contract, 'expectations'>, registry: Registry = REGISTRY): readonly string[] {
  // Ids that were chosen keep their name wherever they stand; derived ones make way.
  const chosen = new Set(contract.expectations.map((expectation) => expectation.id).filter(isChosen))
  const taken = new Set<string>()
  return contract.expectations.map((expectation) => {
    const wish = isChosen(expectation.id) ? expectation.id : derivedId(expectation, registry)
    const mine = isChosen(expectation.id)
    let id = wish
    for (let count = 2; taken.has(id) || (id !== wish || !mine ? chosen.has(id) : false); count++)
      id = `${wish}-${count}`
    taken.add(id)
    return id
  })
}

/** Columns that an expectation names, in order. */
export function expectationColumns({ kwargs }: Pick<Expectation, 'kwargs'>): readonly string[] {
  const list = kwargs['column_list']
  const named = [kwargs['column'], kwargs['column_A'], kwargs['column_B'], ...(Array.isArray(list) ? list : [])]
  return [...new Set(named.filter((name) => typeof name === 'string'))]
}

function isChosen(id: string | undefined): id is string {
  return id !== undefined && id !== '' && !id.startsWith('schema:')
}

function derivedId(expectation: Expectation, registry: Registry): string {
  const definition = registry.find(expectation.type)
  const word = definition?.label ?? expectation.type.replace(/^expect_(column_values_|column_|table_)?(to_)?/, '')
  // Earlier values are kept under the id, so two metrics of a column must not change names when their order changes.
  const { metric } = definition?.kwargs ?? {}
  const label =
    metric !== undefined && typeof expectation.kwargs['metric'] === 'string'
      ? `${expectation.kwargs['metric']}_${word}`
      : word
  const columns = definition?.kind === 'table' && label !== 'exists' ? [] : expectationColumns(expectation)
  return `${columns.length === 0 ? 'table' : columns.join('+')}:${label}`
}
