import * as aggregates from './aggregates.ts'
import { beBetween } from './between.ts'
import type { ExpectationDefinition } from './definition.ts'
import * as distinct from './distinct.ts'
import { lengthsBetween, lengthsEqual } from './lengths.ts'
import { beNull, notBeNull } from './nullity.ts'
import { pairGreater } from './pairs.ts'
import { matchRegex, notMatchRegex } from './patterns.ts'
import { beInSet, notBeInSet } from './sets.ts'
import { columnExists, columnsMatchSet, rowCountBetween, rowCountEqual } from './table.ts'
import { beInTypeList, beOfType } from './types.ts'
import { beUnique, compoundUnique } from './uniqueness.ts'

const DEFINITIONS: readonly ExpectationDefinition[] = [
  beNull,
  notBeNull,
  beUnique,
  beInSet,
  notBeInSet,
  beBetween,
  lengthsBetween,
  lengthsEqual,
  matchRegex,
  notMatchRegex,
  beOfType,
  beInTypeList,
  aggregates.minBetween,
  aggregates.maxBetween,
  aggregates.meanBetween,
  aggregates.sumBetween,
  aggregates.medianBetween,
  aggregates.stdevBetween,
  distinct.proportionOfUnique,
  distinct.uniqueValueCount,
  distinct.distinctInSet,
  rowCountBetween,
  rowCountEqual,
  columnsMatchSet,
  columnExists,
  compoundUnique,
  pairGreater,
]

const BY_TYPE: ReadonlyMap<string, ExpectationDefinition> = new Map(DEFINITIONS.map((item) => [item.type, item]))

export function findExpectation(type: string): ExpectationDefinition | undefined {
  return BY_TYPE.get(type)
}

/** Names of all expectations that can be evaluated. */
export function expectationTypes(): readonly string[] {
  return [...BY_TYPE.keys()]
}
