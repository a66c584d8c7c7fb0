import * as aggregates from './aggregates.ts'
import { beBetween } from './between.ts'
import { multicolumnSum } from './column-sum.ts'
import type { ExpectationDefinition } from './definition.ts'
import { notBeOutliers, zScoresLess } from './deviations.ts'
import * as distinct from './distinct.ts'
import { distinctContainSet, distinctEqualSet, distinctInSet } from './distinct-sets.ts'
import { klDivergenceLess } from './kl-divergence.ts'
import { lengthsBetween, lengthsEqual } from './lengths.ts'
import { mostCommonInSet } from './most-common.ts'
import { beNull, notBeNull } from './nullity.ts'
import { beDecreasing, beIncreasing } from './order.ts'
import { pairEqual, pairGreater, pairInSet } from './pairs.ts'
import { quantilesBetween } from './quantiles.ts'
import { queryResultsMatch, unexpectedRows } from './query.ts'
import { multicolumnEqual, multicolumnUnique, uniqueWithinRecord } from './records.ts'
import { REMOVED_EXPECTATIONS } from './removed.ts'
import { beInSet, notBeInSet } from './sets.ts'
import * as columns from './table-columns.ts'
import { rowCountBetween, rowCountEqual, rowCountEqualOther } from './table.ts'
import { beInTypeList, beOfType, typeToBe } from './types.ts'
import { beUnique, compoundUnique } from './uniqueness.ts'

/** Numbers, sets, nulls, keys, tables, queries. */
export const VALUE_EXPECTATIONS: readonly ExpectationDefinition[] = [
  // single rows of one column
  beNull,
  notBeNull,
  beUnique,
  beInSet,
  notBeInSet,
  beBetween,
  lengthsBetween,
  lengthsEqual,
  beOfType,
  beInTypeList,
  beIncreasing,
  beDecreasing,
  zScoresLess,
  notBeOutliers,
  // one number or list of one column
  aggregates.minBetween,
  aggregates.maxBetween,
  aggregates.meanBetween,
  aggregates.sumBetween,
  aggregates.medianBetween,
  aggregates.stdevBetween,
  distinct.proportionOfUnique,
  distinct.proportionOfNonNull,
  distinct.uniqueValueCount,
  distinctInSet,
  distinctContainSet,
  distinctEqualSet,
  mostCommonInSet,
  quantilesBetween,
  klDivergenceLess,
  typeToBe,
  // several columns
  pairEqual,
  pairGreater,
  pairInSet,
  compoundUnique,
  uniqueWithinRecord,
  multicolumnUnique,
  multicolumnEqual,
  multicolumnSum,
  // tables
  rowCountBetween,
  rowCountEqual,
  rowCountEqualOther,
  columns.columnCountBetween,
  columns.columnCountEqual,
  columns.columnsMatchSet,
  columns.columnsMatchOrderedList,
  columns.columnExists,
  // queries
  unexpectedRows,
  queryResultsMatch,
  ...REMOVED_EXPECTATIONS,
]
