import type { Contract, ContractColumn, JsonValue } from '@tidegate/core'
import { definedOf, hasEntries, own, type FormatNote } from '../format-note.ts'
import { isMap, type JsonMap } from '../../json-map.ts'
import { troubleNotes } from '../trouble-notes.ts'
import { readGxSuite, type GxSuite } from './read-gx-suite.ts'

export interface ContractImport {
  readonly contract: Contract
  readonly notes: readonly FormatNote[]
}

/**
 * A suite of Great Expectations as a contract. A suite says nothing of a schema: the contract's is empty, unless
 * `writeGxSuite` left one in the suite. What has no field is kept under `meta.gx`.
 *
 * @throws {TidegateError} `CHECK_FORMAT` if it is not a suite
 */
export function importGxSuite(json: JsonValue): ContractImport {
  const { suite, notes } = readGxSuite(json)
  const contract = contractOfSuite(suite)
  return { contract, notes: [...notes, ...keptNotes(suite), ...troubleNotes(contract.expectations)] }
}

function contractOfSuite(suite: GxSuite): Contract {
  const ours = own(suite.tidegate, 'contract')
  const saved = isMap(ours) ? ours : {}
  const gx = definedOf({
    ...suite.extras,
    ...(hasEntries(suite.meta) ? { meta: suite.meta } : {}),
  })
  const meta = { ...(isMap(saved['meta']) ? saved['meta'] : {}), ...(hasEntries(gx) ? { gx } : {}) }
  const { schema, version, meta: _, ...rest } = saved
  return {
    ...(rest as Partial<Contract>),
    contract: suite.name === '' ? 'suite' : suite.name,
    version: typeof version === 'number' ? version : 1,
    schema: { columns: columnsOf(schema) },
    expectations: suite.expectations.filter((expectation) => !isOfSchema(expectation.meta)),
    ...(Object.keys(suite.parameters).length === 0 ? {} : { parameters: suite.parameters }),
    ...(hasEntries(meta) ? { meta } : {}),
  }
}

function columnsOf(schema: JsonValue | undefined): Readonly<Record<string, ContractColumn>> {
  const columns = isMap(schema) ? schema['columns'] : undefined
  return (isMap(columns) ? columns : {}) as unknown as Readonly<Record<string, ContractColumn>>
}

/** Written by `writeGxSuite` in the place of the schema, which comes back from the suite's meta. */
function isOfSchema(meta: JsonMap | undefined): boolean {
  const ours = meta === undefined ? undefined : meta['tidegate']
  return isMap(ours) && ours['of_schema'] === true
}

function keptNotes(suite: GxSuite): readonly FormatNote[] {
  const notes: FormatNote[] = []
  const keep = (path: string, message: string): void => {
    notes.push({ kind: 'kept-in-meta', path, message })
  }
  for (const key of Object.keys(suite.extras))
    if (suite.extras[key] !== null) keep(key, `${key} has no effect here; it is kept in meta.gx`)
  if (hasEntries(suite.meta)) keep('meta', 'the meta of the suite is kept in meta.gx.meta')
  return notes
}
