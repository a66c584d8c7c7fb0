/** What is known of the program that wrote a file, for each kind of statistics. */
export interface WriterTrust {
  /** Null counts: as they are, only where they say 0, or not at all. */
  readonly nulls: 'all' | 'zero' | 'none'
  /** Min and max of types whose order every writer gets right: signed whole numbers, dates, times, booleans. */
  readonly plainRanges: boolean
  /** Min and max of floats, decimals, unsigned numbers and texts, whose order writers have got wrong. */
  readonly subtleRanges: boolean
  /** Min and max are left out where a float chunk has a NaN, so their presence says that there is none. */
  readonly tellsNaN: boolean
}

/**
 * Judges a footer's `created_by`. Without one, nothing is trusted: who wrote it may be one of those below.
 *
 * - parquet-mr before 1.10: min and max of binary values wrong (PARQUET-251, fixed in 1.8), compared as signed bytes
 *   (PARQUET-686), NaN in them (PARQUET-1246); null counts too low (starrocks/starrocks#78329).
 * - parquet-cpp (before it moved into Arrow): PARQUET-686 and NaN as above (apache/arrow#42562, #42346).
 * - parquet-cpp-arrow before 12: null counts of dictionary arrays always 0 (ARROW-12513, fixed in 6), min and max of all
 *   but the first page of them left out (apache/arrow#15042, #34107).
 * - Polars: null counts multiplied by the number of pages (pola-rs/polars#29321); 0 stays 0. Decimals are merged as
 *   unsigned bytes (#29347).
 * - ClickHouse, hyparquet and others: wrong decimals (ClickHouse#83754, hyparquet-writer#38), floats (ClickHouse#53067,
 *   cudf#22818, parquet-go#459). So types with a subtle order are trusted of well-known writers only.
 */
export function trustOfWriter(createdBy: string | null): WriterTrust {
  const { name, version } = parseWriter(createdBy ?? '')
  switch (name) {
    case '':
    case 'parquet-cpp':
      return NOTHING
    case 'duckdb':
      // The version that this package is tested with; it leaves out min and max of chunks with a NaN.
      return { ...EVERYTHING, tellsNaN: isAtLeast(version, [1, 5, 6]) && version[0] === 1 && version[1] === 5 }
    case 'parquet-mr':
      return isAtLeast(version, [1, 10, 0]) ? EVERYTHING : NOTHING
    case 'parquet-cpp-arrow':
      return isAtLeast(version, [12, 0, 0]) ? EVERYTHING : NOTHING
    case 'parquet-rs':
      return EVERYTHING
    case 'polars':
      return { ...UNKNOWN, nulls: 'zero' }
    default:
      return UNKNOWN
  }
}

const NOTHING: WriterTrust = { nulls: 'none', plainRanges: false, subtleRanges: false, tellsNaN: false }
const UNKNOWN: WriterTrust = { nulls: 'all', plainRanges: true, subtleRanges: false, tellsNaN: false }
const EVERYTHING: WriterTrust = { nulls: 'all', plainRanges: true, subtleRanges: true, tellsNaN: false }

type Version = readonly [major: number, minor: number, patch: number]

/** `parquet-mr version 1.12.3 (build …)`, `DuckDB version v1.5.6 (build …)`, `Polars`. Without a version: 0.0.0. */
function parseWriter(createdBy: string): { readonly name: string; readonly version: Version } {
  const match = /^\s*(\S*)(?:\s+version)?(?:\s+v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?)?/.exec(createdBy)
  const [, name = '', major = '0', minor = '0', patch = '0'] = match ?? []
  return { name: name.toLowerCase(), version: [Number(major), Number(minor), Number(patch)] }
}

function isAtLeast(version: Version, least: Version): boolean {
  for (const [index, part] of least.entries()) {
    const difference = (version[index] ?? 0) - part
    if (difference !== 0) return difference > 0
  }
  return true
}
