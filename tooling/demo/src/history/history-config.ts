/** The project of the history: six sources of one landing zone, each with a habit and a weakness of its own. */
export const HISTORY_CONFIG = `# Made by demo:history. Every key: docs/configuration.md
version: 1

defaults:
  workers: 2
  gate: { threshold: 75, on_fail: quarantine }

sources:
  flights:                                    # a file each night, with the flights of the day before
    path: landing/flights/*.parquet
    watermark: { column: date }
    expect: { files: 1, by: "06:00" }
  strikes:                                    # a file each night, into a table of a DuckDB file
    path: landing/strikes/*.csv
    gate: { on_fail: split }
    expect: { files: 1, by: "06:00" }
    target: { kind: duckdb, path: lake/strikes.duckdb }
  weather:
    path: landing/weather/*.csv
    watermark: { column: date }
    expect: { every: 36h }
    gate: { on_fail: split }
  stocks:                                     # every other day
    path: landing/stocks/*.csv
    watermark: { column: date }
  commits:
    path: landing/commits/*.csv
    watermark: { column: time }
    expect: { every: 30h }
  tables:                                     # small tables that are sent anew each week, one dataset per file
    path: landing/tables/*
    dataset: "{stem}"
    on_missing_contract: admit                # nobody has said yet what is right
`

/** @param delayMost minutes; the second version of the contract allows fewer */
export function flightsContract(version: number, delayMost: number): string {
  return `contract: flights
version: ${version}
schema:
  columns:
    date: { type: TIMESTAMP, nullable: false }
    delay: { type: DOUBLE }
    distance: { type: BIGINT, nullable: false }
    origin: { type: VARCHAR, nullable: false }
    destination: { type: VARCHAR, nullable: false }
expectations:
  - type: expect_column_values_to_be_between
    kwargs: { column: delay, min_value: -1200, max_value: ${delayMost} }
    severity: critical
  - type: expect_column_values_to_match_regex
    kwargs: { column: origin, regex: "^[A-Z]{3}$" }
    severity: critical
  - type: expect_column_values_to_be_between
    kwargs: { column: distance, min_value: 20, max_value: 5000 }
    severity: critical
  - type: expect_table_row_count_to_be_between
    kwargs: { min_value: 4000, max_value: 20000 }
    severity: warning
  - type: expect_column_mean_to_be_between
    kwargs: { column: delay, min_value: -10, max_value: 12 }
    severity: warning
`
}

/** @param knots what nothing flies faster than, as somebody believed */
export function strikesContract(version: number, knots: number): string {
  return `contract: strikes
version: ${version}
schema:
  columns:
    Flight Date: { type: DATE, nullable: false }
    Speed IAS in knots: { type: BIGINT }
    Wildlife Species: { type: VARCHAR, nullable: false }
expectations:
  - type: expect_column_values_to_be_between
    kwargs: { column: Speed IAS in knots, min_value: 0, max_value: ${knots} }
  - type: expect_column_values_to_be_in_set
    kwargs: { column: Wildlife Size, value_set: [Small, Medium, Large] }
    severity: warning
`
}

export const WEATHER_CONTRACT = `contract: weather
version: 1
schema:
  columns:
    date: { type: DATE, nullable: false }
    weather: { type: VARCHAR, nullable: false }
expectations:
  - type: expect_column_values_to_be_in_set
    kwargs: { column: weather, value_set: [drizzle, rain, sun, snow, fog] }
  - type: expect_column_values_to_be_between
    kwargs: { column: temp_max, min_value: -10, max_value: 33 }
    severity: warning
  - type: expect_column_pair_values_a_to_be_greater_than_b
    kwargs: { column_A: temp_max, column_B: temp_min, or_equal: true }
`

export const STOCKS_CONTRACT = `contract: stocks
version: 1
schema:
  columns:
    date: { type: DATE, nullable: false }
    close: { type: DOUBLE, nullable: false }
expectations:
  - type: expect_column_values_to_be_between
    kwargs: { column: close, min_value: 500, max_value: 5000 }
  - type: expect_column_values_to_be_unique
    kwargs: { column: date }
`

export const COMMITS_CONTRACT = `contract: commits
version: 1
schema:
  columns:
    time: { type: TIMESTAMP, nullable: false }
    count: { type: BIGINT, nullable: false }
expectations:
  - type: expect_column_values_to_be_between
    kwargs: { column: count, min_value: 0, max_value: 60 }
  - type: expect_column_values_to_be_increasing
    kwargs: { column: time }
    severity: warning
`
