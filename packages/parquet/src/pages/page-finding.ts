import type { Finding, JsonValue } from '@tidegate/core'

import type { FindingExplanation } from '../finding-codes.ts'

export type PageFindingCode =
  | 'PQ209'
  | 'PQ212'
  | 'PQ213'
  | 'PQ215'
  | 'PQ216'
  | 'PQ301'
  | 'PQ302'
  | 'PQ303'
  | 'PQ304'
  | 'PQ305'
  | 'PQ306'
  | 'PQ307'
  | 'PQ308'
  | 'PQ309'
  | 'PQ310'
  | 'PQ311'
  | 'PQ312'
  | 'PQ313'
  | 'PQ314'
  | 'PQ315'
  | 'PQ316'
  | 'PQ401'
  | 'PQ402'
  | 'PQ403'
  | 'PQ404'
  | 'PQ405'
  | 'PQ406'
  | 'PQ903'

/** What is wrong with a page or a chunk. `error`: the values cannot be trusted; `warn` and `info`: they can. */
export interface PageFinding {
  readonly code: PageFindingCode
  readonly severity: Finding['severity']
  /** One sentence for people. */
  readonly message: string
  readonly evidence?: Readonly<Record<string, JsonValue>> | undefined
}

export function pageFinding(
  code: PageFindingCode,
  message: string,
  evidence?: Readonly<Record<string, JsonValue>>,
  severity: Finding['severity'] = 'error',
): PageFinding {
  return evidence === undefined ? { code, severity, message } : { code, severity, message, evidence }
}

/** A fault found on the way to a result: the finding instead of the result. */
export interface Fault {
  readonly kind: 'fault'
  readonly finding: PageFinding
}

export function fault(code: PageFindingCode, message: string, evidence?: Readonly<Record<string, JsonValue>>): Fault {
  return { kind: 'fault', finding: pageFinding(code, message, evidence) }
}

const REPAIR = 'A repair keeps everything outside of the page; ask the sender for the file again if you need all of it.'
const WRITER = 'The values can be read; tell the sender that the writer does not follow the format.'

/** The codes of pages for `tidegate explain`; to be spread into the table of all codes. */
export const PAGE_FINDING_CODES: Readonly<
  Record<Exclude<PageFindingCode, 'PQ209' | 'PQ212' | 'PQ213' | 'PQ216' | 'PQ301' | 'PQ903'>, FindingExplanation>
> = {
  PQ302: explain('PAGE_TRUNCATED', 'The body of a page goes on after the end of its chunk or of the file.', REPAIR),
  PQ303: explain('PAGE_CRC_MISMATCH', 'The bytes of a page are not those that the writer summed.', REPAIR),
  PQ304: explain('PAGE_DECOMPRESS_FAILED', 'The body of a page cannot be decompressed.', REPAIR),
  PQ305: explain('PAGE_SIZE_MISMATCH', 'A page has another size than its header says.', REPAIR),
  PQ306: explain('LEVELS_INVALID', 'The nesting and NULL information of a page is damaged.', REPAIR),
  PQ307: explain('DICTIONARY_MISSING', 'A page refers to a dictionary that its chunk does not have.', REPAIR),
  PQ308: explain('DICTIONARY_INVALID', 'The dictionary of a chunk is damaged.', REPAIR),
  PQ309: explain('DICTIONARY_INDEX_RANGE', 'A page refers to dictionary entries that do not exist.', REPAIR),
  PQ310: explain('VALUE_COUNT_MISMATCH', 'A page or chunk has another number of values than it says.', REPAIR),
  PQ311: explain('ENCODING_ILLEGAL_FOR_TYPE', 'A page is encoded in a way its column type does not allow.', REPAIR),
  PQ312: explain('V2_NUM_ROWS_WRONG', 'The row count in the header of a V2 page is wrong.', WRITER),
  PQ313: explain('V2_COMPRESSED_FLAG_WRONG', 'A V2 page says it is compressed and is not.', WRITER),
  PQ314: explain('NULL_IN_REQUIRED', 'A column that allows no NULL claims to have some.', REPAIR),
  PQ315: explain(
    'DECOMPRESSION_BOMB',
    'A page unfolds to more bytes than the reader allows, so it was not looked at.',
    'That does not mean damage: a reader with more memory may read it. If the file is genuine, ask the sender for smaller pages.',
  ),
  PQ316: explain('LZ4_FRAMING_VARIANT', 'LZ4 pages are framed in a way that not all readers know.', WRITER),
  PQ215: explain(
    'STATISTICS_CONTRADICT_DATA',
    'The statistics of a column chunk are not those of its values.',
    'Readers that skip by statistics lose rows: repair with --fix statistics, or tell the sender.',
  ),
  PQ401: explain('INVALID_UTF8', 'A text column holds bytes that are not UTF-8.', WRITER),
  PQ402: explain(
    'INT96_TIMESTAMP',
    'Timestamps are stored as INT96, which is deprecated and has no statistics.',
    'They can be read; ask the sender for TIMESTAMP columns, or repair with --fix int96.',
  ),
  PQ403: explain(
    'TIMESTAMP_OUT_OF_RANGE',
    'Dates or timestamps lie outside of the years 1 to 9999, or a time outside of a day.',
    'Not every reader can hold them: repair with --fix timestamps, or ask the sender what was meant.',
  ),
  PQ404: explain(
    'LEGACY_CALENDAR_REBASE',
    'Dates before 1582-10-15 were written in the Julian calendar.',
    'Engines other than Spark read them some days off; have Spark write the file anew.',
  ),
  PQ405: explain('DECIMAL_OVERFLOW', 'Decimals have more digits than their column allows.', WRITER),
  PQ406: explain(
    'TYPE_UNREADABLE_BY_DUCKDB',
    'A column is stored in a way that the format allows and DuckDB cannot read.',
    'Have the file written anew without it: another codec, encoding or type.',
  ),
}

function explain(name: string, meaning: string, hint: string): FindingExplanation {
  return { name, meaning, hint }
}
