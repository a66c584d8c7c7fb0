import { createHash } from 'node:crypto'
import { toJson, type Contract, type ContractVersion, type JsonValue } from '@tidegate/core'
import { checkIds, expectationColumns } from '@tidegate/dq'

/** What is kept of a contract, so that it can be said later what was asked of the data when, and what changed. */
export function contractVersion(
  contract: Contract,
  use: Pick<ContractVersion, 'source' | 'dataset' | 'firstUsedMs' | 'run'>,
): ContractVersion {
  const ids = checkIds(contract)
  return {
    ...use,
    id: digest(contract),
    version: contract.version,
    columns: Object.entries(contract.schema.columns).map(([name, column]) => ({
      name,
      type: column.type,
      nullable: column.nullable ?? true,
      required: column.required ?? true,
      sensitive: column.sensitive !== undefined,
    })),
    checks: contract.expectations.map((expectation, index) => ({
      id: ids[index] ?? '',
      type: expectation.type,
      columns: expectationColumns(expectation),
      severity: expectation.severity ?? 'critical',
      digest: digest([expectation.kwargs, expectation.fail, expectation.warn]).slice(0, 16),
    })),
  }
}

/** Of the text with the keys of every object in order: what a formatter moves about changes nothing. */
function digest(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sortKeys(toJson(value))))
    .digest('hex')
}

function sortKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => sortKeys(item))
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return { pairs: entries.map(([key, item]) => [key, sortKeys(item ?? null)]) }
}
