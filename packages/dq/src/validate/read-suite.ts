import { TidegateError, type Contract, type Expectation, type JsonValue } from '@tidegate/core'
import { isList, isMap, type JsonMap } from '../json-map.ts'
import { importGxSuite } from '../formats/gx/gx-contract.ts'
import { suiteItemProblems } from '../formats/gx/item-problems.ts'
import { readGxSuite } from '../formats/gx/read-gx-suite.ts'
import type { JsonObject, SuiteGeneration } from '../results/gx-types.ts'
import { expectationConfig } from '../results/gx-result.ts'

/** A suite of Great Expectations as parsed JSON, one of our contracts, or just expectations. */
export type Suite = Contract | readonly Expectation[] | Readonly<Record<string, unknown>>

export interface ReadSuite {
  readonly name: string
  readonly generation: SuiteGeneration
  readonly contract: Contract
  /** Each expectation as its author wrote it, for the echo. */
  readonly configs: readonly JsonObject[]
  /** Values of parameters that the suite brings along. */
  readonly parameters: Readonly<Record<string, JsonValue>>
}

/** @throws `CHECK_SUITE` also where something in it would have no effect, or `CHECK_FORMAT` for a suite that is not what it says */
export function readSuite(suite: Suite): ReadSuite {
  const json = suite as unknown as JsonValue
  if (isList(json)) return readGx({ name: 'suite', expectations: json })
  if (!isMap(json)) throw suiteError('a suite is a map or a list of expectations')
  if (typeof json['contract'] === 'string') return readContract(json)
  if ('expectations' in json) return readGx(json)
  throw suiteError('a suite has a list of expectations')
}

function readGx(json: JsonMap): ReadSuite {
  const { suite } = readGxSuite(json as JsonValue)
  refuseProblems(json)
  const { contract } = importGxSuite(json as JsonValue)
  const { expectations } = contract
  const raw = json['expectations']
  const written = isList(raw) && raw.length === expectations.length ? raw : []
  return {
    name: suite.name,
    generation: suite.generation,
    contract,
    configs: expectations.map((expectation, index) => {
      const item = written[index]
      return isMap(item) ? { ...item, meta: item['meta'] ?? {} } : expectationConfig(expectation, suite.generation)
    }),
    parameters: suite.parameters,
  }
}

function readContract(json: JsonMap): ReadSuite {
  const { expectations, schema } = json
  if (!isList(expectations) || !isMap(schema) || !isMap(schema['columns']))
    throw suiteError('a contract has schema.columns and a list of expectations')
  const wrong = expectations.findIndex(
    (item) => !isMap(item) || typeof item['type'] !== 'string' || !isMap(item['kwargs']),
  )
  if (wrong >= 0) throw suiteError(`expectations[${wrong}] has no type or no kwargs`)
  refuseProblems({ expectations })
  const { parameters } = json
  if (parameters !== undefined && !isMap(parameters)) throw suiteError('the parameters of a contract are a map')
  const contract = json as unknown as Contract
  return {
    name: contract.contract,
    generation: '1.x',
    contract,
    configs: contract.expectations.map((expectation) => expectationConfig(expectation, '1.x')),
    parameters: contract.parameters ?? {},
  }
}

/** What would have no effect is not passed over: a check that its author believes in would not be made. */
function refuseProblems(suite: JsonMap): void {
  const problems = suiteItemProblems(suite)
  if (problems.length === 0) return
  const shown = problems.slice(0, SHOWN).map(({ path, message, hint }) => `${path}: ${message}. ${hint ?? ''}`.trim())
  const more = problems.length > SHOWN ? `\n… and ${problems.length - SHOWN} more` : ''
  throw new TidegateError('CHECK_SUITE', `${shown.join('\n')}${more}`, {
    hint: 'Notes of your own have their place under meta of the expectation.',
  })
}

const SHOWN = 20

function suiteError(message: string): TidegateError {
  return new TidegateError('CHECK_SUITE', message, {
    hint: 'Pass a suite of Great Expectations as parsed JSON, a contract, or a list of { type, kwargs }.',
  })
}
