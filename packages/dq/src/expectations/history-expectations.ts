import * as dbt from './dbt-columns.ts'
import type { ExpectationDefinition } from './definition.ts'
import { recentData } from './freshness.ts'
import { metricNormal } from './metric-normal.ts'
import { existInOtherTable, rowCountTimesFactor } from './other-table.ts'
import { rowCountChange } from './row-count-change.ts'
import { schemaNotDrift } from './schema-drift.ts'

/** What looks beyond the file (earlier runs, other tables, the clock), and names that only dbt-expectations has. */
export const HISTORY_EXPECTATIONS: readonly ExpectationDefinition[] = [
  recentData,
  rowCountChange,
  metricNormal,
  schemaNotDrift,
  existInOtherTable,
  rowCountTimesFactor,
  dbt.withinStdevs,
  dbt.consistentCasing,
  dbt.distinctCountEqual,
  dbt.distinctCountGreater,
  dbt.distinctCountLess,
  dbt.columnsContainSet,
  dbt.columnsNotContainSet,
  dbt.dataForEveryDay,
]
