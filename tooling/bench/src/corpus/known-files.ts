/**
 * What is known of the files of the corpus: of those of parquet-testing from its `data/README.md`, of the broken ones of DuckDB,
 * which nobody describes, from their bytes and from what readers say of them.
 */
import type { Diagnosis } from '@tidegate/core'

export type Verdict = Diagnosis['verdict']

export interface KnownFile {
  readonly verdict: Verdict
  /** The fact about the file; one sentence without full stop. */
  readonly fact: string
}

const SOUND: readonly Verdict[] = ['ok', 'ok-with-warnings']

/** Verdicts that are right for a file, by its path below the corpus; empty: nothing is known of it. */
export function rightVerdicts(path: string): readonly Verdict[] {
  const known = factOf(path)
  if (known !== undefined) return [known.verdict]
  if (path.endsWith('.encrypted')) return ['encrypted']
  return SOUND_FOLDERS.some((folder) => path.startsWith(folder)) ? SOUND : []
}

export function factOf(path: string): KnownFile | undefined {
  return KNOWN[path]
}

/** Files that their projects read in their tests. */
const SOUND_FOLDERS = ['parquet-testing/', 'hyparquet/'] as const

const lossy = (fact: string): KnownFile => ({ verdict: 'repairable-lossy', fact })
const lossless = (fact: string): KnownFile => ({ verdict: 'repairable-lossless', fact })
const lost = (fact: string): KnownFile => ({ verdict: 'unrecoverable', fact })
const warned = (fact: string): KnownFile => ({ verdict: 'ok-with-warnings', fact })
const sound = (fact: string): KnownFile => ({ verdict: 'ok', fact })
const unsupported = (fact: string): KnownFile => ({ verdict: 'unsupported', fact })

const OLD_LZ4 = 'Its codec is LZ4 in its old framings, which DuckDB does not have'
const SPLIT =
  'BYTE_STREAM_SPLIT of types other than FLOAT and DOUBLE, which came to the format later and DuckDB does not read'
const NO_FOOTER_COUNT = 'parquet-rs 0.3.0 left the row count of the footer at 0; the row group has all 6 rows'
const NULL_PAGES =
  'The checksums are right; the column index says of every page that it has only NULLs, and none is: who skips by it loses all rows'
const NO_ROWS = 'It has a beginning and an end and nothing between'
const ANNOTATION =
  'The annotation and the type under it exclude each other; the page has the width of the type, so the values are there as plain numbers'
const WRONG_TYPE =
  'The annotation and the type under it exclude each other; the page has the width that the annotation asks for, so the type is wrong'
const DICTIONARY = 'Bytes of a dictionary header were changed by a fuzzer: one of three row groups is lost'

const KNOWN: Readonly<Record<string, KnownFile>> = {
  'duckdb/afl/1.parquet': lossy(DICTIONARY),
  'duckdb/afl/2.parquet': lossy(DICTIONARY),
  'duckdb/afl/3.parquet': lossy(DICTIONARY),
  'duckdb/afl/4.parquet': lossy(DICTIONARY),
  'duckdb/afl/5.parquet': lossy(
    'A fuzzer set the number of entries of a dictionary to 0: its 12 rows have no values; hyparquet returns them as undefined',
  ),
  'duckdb/afl/6.parquet': lossy(DICTIONARY),
  'duckdb/afl/7.parquet': lossy(DICTIONARY),
  'duckdb/afl/8.parquet': lossy(
    'A fuzzer changed a run of indices; which values its 12 rows had cannot be told; hyparquet returns them as undefined',
  ),
  'duckdb/broken/broken-arrow.parquet': lossy(
    'Required columns were written with NULLs left out: 11 columns have fewer values than rows, and nothing says which rows lack one',
  ),
  'duckdb/broken/broken_bigint.parquet': lossless(WRONG_TYPE),
  'duckdb/broken/broken_date.parquet': lossless(WRONG_TYPE),
  'duckdb/broken/broken_int.parquet': lossless(WRONG_TYPE),
  'duckdb/broken/broken_smallint.parquet': lossless(WRONG_TYPE),
  'duckdb/broken/broken_structure.parquet': unsupported(
    'Seven bytes claim 2,147,483,647 values, and two more row groups of as many lie outside of the file',
  ),
  'duckdb/broken/broken_timestamp.parquet': lossless(WRONG_TYPE),
  'duckdb/broken/broken_timestamp_ms.parquet': lossless(WRONG_TYPE),
  'duckdb/broken/broken_tinyint.parquet': lossless(WRONG_TYPE),
  'duckdb/broken/broken_ubigint.parquet': lossy(ANNOTATION),
  'duckdb/broken/broken_uinteger.parquet': lossy(ANNOTATION),
  'duckdb/broken/broken_usmallint.parquet': lossy(ANNOTATION),
  'duckdb/broken/broken_utinyint.parquet': lossy(ANNOTATION),
  'duckdb/broken/duckdb_fuzzer_4384.parquet': lossy(
    'A fuzzer changed the schema so that a column has no type; the pages are whole, and a sibling has the columns',
  ),
  'duckdb/broken/firstmarker.parquet': lost('Four bytes, PAR1'),
  'duckdb/broken/footerlengthzero.parquet': lost(NO_ROWS),
  'duckdb/broken/fuzzer4360.parquet': lossy(
    'A fuzzer gave a group of the schema a negative number of columns; the pages are whole, and a sibling has the columns',
  ),
  'duckdb/broken/fuzzer4362.parquet': lost(
    'A fuzzer put bytes in and changed counts: no page of the two columns is where a page could be',
  ),
  'duckdb/broken/fuzzer4381.parquet': lossy(
    'A fuzzer changed an offset, a page and the page indexes; the checksums prove 20 of 21 pages',
  ),
  'duckdb/broken/garbledfooter.parquet': lost('Text where the footer should be, and no page'),
  'duckdb/broken/hugefooter.parquet': lost(NO_ROWS),
  'duckdb/broken/internal_6129.parquet': lossy(
    'A fuzzer changed the header of the differences of one column, of which hyparquet makes an empty text; the other column is whole',
  ),
  'duckdb/broken/internal_6165.parquet': lost(
    'The first bytes are missing, the footer lists a field twice, and no page is left',
  ),
  'duckdb/broken/issue22325_datapage_v2_neg_compressed_bytes.parquet': lossy(
    'One page has fewer bytes than its levels; the other columns are whole',
  ),
  'duckdb/broken/issue22325_datapage_v2_negative_def_levels.parquet': lost(
    'The only page says that its levels have a negative length, so where the values begin cannot be told; hyparquet returns 0 and NULL',
  ),
  'duckdb/broken/issue22325_datapage_v2_zero_compressed_size.parquet': lossy(
    'One page says that it has no bytes; the other columns are whole',
  ),
  'duckdb/broken/missingmagicatend.parquet': lost('Text that begins like a Parquet file'),
  'duckdb/broken/missingmagicatfront.parquet': lost('Text that ends like a Parquet file'),
  'duckdb/broken/twomarkers.parquet': lost('Eight bytes, PAR1 twice'),
  'hyparquet/byte_stream_split_extended.gzip.parquet': warned(SPLIT),
  'hyparquet/repeated_no_annotation.parquet': warned(NO_FOOTER_COUNT),
  'parquet-testing/byte_stream_split_extended.gzip.parquet': warned(SPLIT),
  'parquet-testing/datapage_v1-corrupt-checksum.parquet': lossy(
    'Made so that the first page of one column and the last of the other have a wrong checksum; DuckDB and hyparquet do not look at it',
  ),
  'parquet-testing/datapage_v1-snappy-compressed-checksum.parquet': warned(NULL_PAGES),
  'parquet-testing/datapage_v1-uncompressed-checksum.parquet': warned(NULL_PAGES),
  'parquet-testing/datapage_v2_empty_datapage.snappy.parquet': sound(
    'A page of NULLs has no bytes to unfold, and none must be unfolded, which hyparquet does',
  ),
  'parquet-testing/floating_orders_nan_count.parquet': sound(
    'Bounds that are NaN belong to columns in the IEEE 754 order, where they are legal',
  ),
  'parquet-testing/hadoop_lz4_compressed_larger.parquet': warned(OLD_LZ4),
  'parquet-testing/int96_from_spark.parquet': warned(
    'It holds INT96 timestamps on purpose, some of them far outside of the usual range',
  ),
  'parquet-testing/large_string_map.brotli.parquet': unsupported(
    'Two texts of 1 GiB each, in 4 kB: genuine, and too large for the limits of each reader here',
  ),
  'parquet-testing/map_no_value.parquet': warned(
    'A map without values, which the format allows and DuckDB does not read',
  ),
  'parquet-testing/nan_in_stats.parquet': warned(
    'pyarrow 0.8.0 wrote NaN as the largest value; readers must ignore it',
  ),
  'parquet-testing/nation.dict-malformed.parquet': warned(
    'An old parquet-mr left the headers of dictionaries out of the sizes of chunks (PARQUET-816); hyparquet cuts the last page off',
  ),
  'parquet-testing/non_hadoop_lz4_compressed.parquet': warned(OLD_LZ4),
  'parquet-testing/repeated_no_annotation.parquet': warned(NO_FOOTER_COUNT),
  'parquet-testing/rle-dict-uncompressed-corrupt-checksum.parquet': lost(
    'Made so that the dictionaries of both columns have a wrong checksum: no value of the file can be trusted; DuckDB and hyparquet do not look at it',
  ),
  'parquet-testing/unknown-logical-type.parquet': sound(
    'A column has an annotation of the future; its values can be read without it',
  ),
}
