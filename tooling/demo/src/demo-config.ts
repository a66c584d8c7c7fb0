/** The demo project's configuration, as a data engineer would write it for this landing zone. */
export const DEMO_CONFIG = `# Seven sources of one landing zone. Every key: docs/configuration.md
version: 1

defaults:
  workers: 2
  gate: { threshold: 100, on_fail: quarantine }

sources:
  flights:                                    # one table in weekly files
    path: landing/flights/*.parquet
    watermark: { column: date }
  tables:                                     # 68 small tables in one folder, one dataset per file
    path: landing/tables/*
    dataset: "{stem}"
  weather:
    path: landing/weather/*.csv
    watermark: { column: date }
  birdstrikes:
    path: landing/birdstrikes/*.csv
    gate: { on_fail: split }                  # bad rows to quarantine, good rows into the lake
  movies:
    path: landing/movies/*.json
  earthquakes:                                # one JSON document: its rows are at "features"
    path: landing/earthquakes/*.json
    options: { records: features }
  stations:                                   # windows-1252, semicolons, decimal commas, gzip: found out by itself
    path: landing/stations/*.csv.gz
`

/** What the act of the bird strikes adds: a source that is loaded into a table of a DuckDB file, four files at a time. */
export const STRIKES_CONFIG = `  strikes:
    path: landing/strikes/*.csv
    gate: { on_fail: split }
    max_files_per_batch: 4
    target: { kind: duckdb, path: lake/strikes.duckdb }
`
