import type { ColumnSchema, Contract, JsonValue } from '@tidegate/core'
import { checkIds } from './check-ids.ts'
import { columnRef, type ColumnRef } from '../expression/column-ref.ts'
import { compileExpectation, expectationContext } from './compile-expectation.ts'
import type { CompiledContract, SensitiveColumns } from './compiled-contract.ts'
import { parseType } from '../expression/data-type.ts'
import type { CompileScope, OtherTable } from '../expectations/definition.ts'
import { REGISTRY, type Registry } from '../expectations/registry.ts'
import { schemaChecks } from './schema-checks.ts'

export interface CompileOptions {
  /** Also the checks that the contract's schema implies. @defaultValue true */
  readonly schema?: boolean | undefined
  /** The expectations that are known. @defaultValue the built-in ones */
  readonly registry?: Registry | undefined
  /** Other tables that expectations may name. */
  readonly tables?: ReadonlyMap<string, OtherTable> | undefined
  /** Values of `{"$PARAMETER": …}` by name, over those of the contract. */
  readonly parameters?: Readonly<Record<string, JsonValue>> | undefined
  /** What `now()` says in a suite parameter, Unix milliseconds. @defaultValue nobody says: `now()` is an error */
  readonly nowMs?: number | undefined
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
  const { registry = REGISTRY, nowMs } = options
  const parameters = { ...contract.parameters, ...options.parameters }
  const ids = checkIds(contract, registry)
  const context = expectationContext(compileScope(contract, columns, options.tables), {
    registry,
    parameters: { parameters, nowMs },
  })
  const expectations = contract.expectations.map((expectation, index) =>
    compileExpectation(expectation, index, ids[index] ?? `check-${index}`, context),
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
export function compileScope(
  contract: Pick<Contract, 'schema'>,
  columns: readonly ColumnSchema[],
  tables: ReadonlyMap<string, OtherTable> = new Map(),
): CompileScope {
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
  return {
    column: (name) => refs.get(name),
    columnNames: columns.map((column) => column.name),
    columns,
    declared: Object.entries(contract.schema.columns).map(([name, { type }]) => ({ name, type })),
    tables,
  }
}
