import type { Contract, ContractColumn, Expectation, JsonValue } from '@tidegate/core'
import { definedOf, hasEntries, type FormatNote } from '../format-note.ts'
import { isMap, type JsonMap } from '../../json-map.ts'
import { isGxType } from './gx-types.ts'
import type { GxGeneration } from './read-gx-suite.ts'

export interface GxSuiteExport {
  /** The file's content, to be written as JSON. */
  readonly suite: JsonValue
  readonly notes: readonly FormatNote[]
}

/**
 * A contract as a suite file of Great Expectations. `importGxSuite` gives the same contract back: what a suite has no
 * field for goes to `meta.tidegate`, of the suite or of the expectation, where Great Expectations carries it along.
 *
 * The schema becomes expectations too, at the head of the suite, so that a suite that is run elsewhere still asks for it.
 * Checks that this generation does not know stay in `meta.tidegate.expectations`, since a suite with an unknown type does
 * not load.
 */
export function writeGxSuite(contract: Contract, generation: GxGeneration): GxSuiteExport {
  const notes: FormatNote[] = []
  const { gx, ...meta } = contract.meta ?? {}
  const theirs = isMap(gx) ? gx : {}
  const { meta: theirMeta, ...extras } = theirs
  const written: JsonValue[] = []
  const kept: JsonValue[] = []
  for (const expectation of schemaExpectations(contract, notes)) written.push(item(expectation, generation))
  const schemaCount = written.length
  for (const [index, expectation] of contract.expectations.entries()) {
    const path = `expectations[${index}]`
    if (isGxType(expectation.type, generation)) written.push(writeExpectation(expectation, generation, path, notes))
    else {
      kept.push({ at: schemaCount + index, ...(item(expectation, generation) as JsonMap) })
      notes.push({
        kind: 'kept-in-meta',
        path,
        message: `Great Expectations ${generation} has no ${expectation.type}; it is kept in meta.tidegate and not checked there`,
      })
    }
  }
  const [known, foreign] = split(extras, SUITE_KEYS[generation])
  const tidegate = {
    ...(hasEntries(foreign) ? { gx: foreign } : {}),
    contract: contractRest(contract, meta, notes),
    ...(kept.length === 0 ? {} : { expectations: kept }),
  }
  const suiteMeta = { ...(isMap(theirMeta) ? theirMeta : {}), tidegate }
  return { suite: suiteOf(contract, generation, { written, meta: suiteMeta, extras: known }), notes }
}

interface Parts {
  readonly written: readonly JsonValue[]
  readonly meta: JsonMap
  readonly extras: JsonMap
}

function suiteOf(contract: Contract, generation: GxGeneration, { written, meta, extras }: Parts): JsonValue {
  const parameters = hasEntries(contract.parameters ?? {}) ? contract.parameters : undefined
  return generation === '0.18'
    ? definedOf({
        expectation_suite_name: contract.contract,
        ge_cloud_id: null,
        data_asset_type: null,
        ...extras,
        expectations: written,
        evaluation_parameters: parameters,
        meta,
      })
    : definedOf({ name: contract.contract, ...extras, expectations: written, suite_parameters: parameters, meta })
}

/** The parts of a contract besides its name and its expectations. */
function contractRest(contract: Contract, meta: JsonMap, notes: FormatNote[]): JsonValue {
  const { contract: _, expectations: __, meta: ___, parameters: ____, ...rest } = contract
  for (const key of ['description', 'file', 'read', 'gate'] as const)
    if (contract[key] !== undefined)
      notes.push({ kind: 'kept-in-meta', path: key, message: `a suite has no ${key}; it is kept in meta.tidegate` })
  if (hasEntries(meta)) notes.push({ kind: 'kept-in-meta', path: 'meta', message: 'it is kept in meta.tidegate' })
  return { ...(rest as unknown as JsonMap), ...(hasEntries(meta) ? { meta } : {}) }
}

/** What the schema asks, as expectations; what it asks beyond them is noted. */
function schemaExpectations(contract: Contract, notes: FormatNote[]): readonly Expectation[] {
  return Object.entries(contract.schema.columns).flatMap(([column, { type, nullable, required, sensitive }]) => {
    const path = `schema.columns.${column}`
    noteColumn(path, { type, required, sensitive }, notes)
    if (required === false) return []
    const rules: Expectation[] = [
      { type: 'expect_column_to_exist', kwargs: { column } },
      { type: 'expect_column_values_to_be_of_type', kwargs: { column, type_: type } },
    ]
    if (nullable === false) rules.push({ type: 'expect_column_values_to_not_be_null', kwargs: { column } })
    return rules.map((rule) => ({ ...rule, meta: { tidegate: { of_schema: true } } }))
  })
}

function noteColumn(path: string, { type, required, sensitive }: ContractColumn, notes: FormatNote[]): void {
  if (required === false)
    notes.push({
      kind: 'kept-in-meta',
      path,
      message: 'a column that may be missing cannot be asked for in a suite; it is kept in meta.tidegate',
    })
  else
    notes.push({
      kind: 'changed',
      path: `${path}.type`,
      message: `the suite asks for exactly ${type}, by the name DuckDB has for it; the contract also takes narrower types`,
    })
  if (sensitive !== undefined)
    notes.push({
      kind: 'kept-in-meta',
      path: `${path}.sensitive`,
      message: 'Great Expectations shows values of every column; sensitive is kept in meta.tidegate',
    })
}

function writeExpectation(
  expectation: Expectation,
  generation: GxGeneration,
  path: string,
  notes: FormatNote[],
): JsonValue {
  const { id, severity, fail, warn, kwargs } = expectation
  if (generation === '0.18' && severity !== undefined)
    notes.push({ kind: 'kept-in-meta', path: `${path}.severity`, message: 'Great Expectations 0.18 has no severity' })
  if (id !== undefined)
    notes.push({
      kind: 'kept-in-meta',
      path: `${path}.id`,
      message: 'ids of Great Expectations are UUIDs of its store',
    })
  if (warn !== undefined)
    notes.push({ kind: 'kept-in-meta', path: `${path}.warn`, message: 'a suite has no limit for warnings' })
  if (fail !== undefined)
    notes.push(
      fail.fraction === undefined
        ? {
            kind: 'kept-in-meta',
            path: `${path}.fail`,
            message: 'a suite has no limit by count: there, one unexpected row fails the check',
          }
        : {
            kind: 'changed',
            path: `${path}.fail`,
            message: 'written as mostly; a limit by count is not checked there',
          },
    )
  if (kwargs['row_condition'] !== undefined && kwargs['condition_parser'] === undefined)
    notes.push({
      kind: 'changed',
      path: `${path}.kwargs.row_condition`,
      message: 'it is SQL, and Great Expectations asks for a condition_parser',
    })
  return item(expectation, generation)
}

/** One expectation in a generation's keys. */
function item({ type, kwargs, severity, fail, warn, id, meta }: Expectation, generation: GxGeneration): JsonValue {
  const { gx, tidegate: mark, ...plain } = meta ?? {}
  const { meta: under, ...extras } = isMap(gx) ? gx : {}
  const [fields, others] = split(extras, ITEM_KEYS[generation])
  const ours = definedOf({
    ...(isMap(mark) ? mark : {}),
    id,
    severity: generation === '0.18' ? severity : undefined,
    fail: fail as JsonValue | undefined,
    warn: warn as JsonValue | undefined,
    gx: hasEntries(others) ? others : undefined,
  })
  const below = isMap(under) ? { gx: under['gx'] } : {}
  const fullMeta = definedOf({ ...plain, ...below, ...(hasEntries(ours) ? { tidegate: ours } : {}) })
  return definedOf({
    [generation === '0.18' ? 'expectation_type' : 'type']: type,
    kwargs: fail?.fraction === undefined ? kwargs : { ...kwargs, mostly: shareOf(fail.fraction) },
    meta: fullMeta,
    severity: generation === '1.x' ? severity : undefined,
    ...fields,
  })
}

/** What each generation's loader takes, beside what is written anyway. */
const SUITE_KEYS: Readonly<Record<GxGeneration, ReadonlySet<string>>> = {
  '0.18': new Set(['ge_cloud_id', 'data_asset_type']),
  '1.x': new Set(['id', 'notes']),
}
const ITEM_KEYS: Readonly<Record<GxGeneration, ReadonlySet<string>>> = {
  '0.18': new Set(['ge_cloud_id', 'description', 'expectation_context', 'rendered_content']),
  '1.x': new Set(['id', 'notes', 'description', 'expectation_context', 'rendered_content']),
}

function split(map: JsonMap, keys: ReadonlySet<string>): readonly [JsonMap, JsonMap] {
  const entries = Object.entries(map)
  return [
    Object.fromEntries(entries.filter(([key]) => keys.has(key))),
    Object.fromEntries(entries.filter(([key]) => !keys.has(key))),
  ]
}

/** `1 − fraction` without the noise of binary fractions: 0.9 for 0.1. */
function shareOf(fraction: number): number {
  return Number((1 - fraction).toFixed(12))
}
