import type { Finding, JsonValue } from '@tidegate/core'
import { PAGE_FINDING_CODES, type PageFindingCode } from './pages/page-finding.ts'

export interface FindingExplanation {
  /** The code in words. */
  readonly name: string
  /** What it says of the file, one sentence. */
  readonly meaning: string
  /** What to do about it, one sentence. */
  readonly hint: string
}

export interface FindingDetails {
  /** @defaultValue 'error' */
  readonly severity?: Finding['severity']
  /** @defaultValue 'no' */
  readonly repairable?: Finding['repairable']
  readonly where?: NonNullable<Finding['where']>
  readonly evidence?: Readonly<Record<string, JsonValue>>
}

/** Builds a finding; its name comes from the table. `message` is one sentence for people. */
export function finding(code: KnownFindingCode, message: string, details: FindingDetails = {}): Finding {
  return {
    code,
    name: FINDING_CODES[code].name,
    severity: details.severity ?? 'error',
    message,
    repairable: details.repairable ?? 'no',
    ...(details.where === undefined ? {} : { where: details.where }),
    ...(details.evidence === undefined ? {} : { evidence: details.evidence }),
  }
}

const ASK_AGAIN = 'Ask the sender for the file again; nothing of it was loaded.'
const LOOK = 'Look at the file with a text editor and ask the sender for the right one.'

/**
 * Every finding code, for `tidegate explain`. Codes are never renumbered or reused: 1xx container, 2xx footer, 3xx page, 4xx value, 6xx repair, 7xx text
 * formats, 9xx the reader itself.
 */
export const FINDING_CODES: Readonly<Record<KnownFindingCode, FindingExplanation>> = {
  PQ101: code('EMPTY_FILE', 'The file has no bytes.', 'Wait for the sender to finish, or ask for the file again.'),
  PQ102: code('TOO_SHORT', 'The file is shorter than the smallest possible Parquet file (12 bytes).', ASK_AGAIN),
  PQ103: code(
    'NOT_PARQUET',
    'The bytes are not Parquet, whatever the name says.',
    'Set the format of the source to what the file is, or ask the sender for Parquet.',
  ),
  PQ104: code(
    'HEAD_MAGIC_MISSING',
    'The first four bytes are not PAR1 although the footer is in order.',
    'The start of the file was overwritten; ask for it again or repair it.',
  ),
  PQ105: code(
    'TAIL_MAGIC_MISSING',
    'The file does not end with PAR1: it was cut off or never finished.',
    'Ask for the file again; a repair can save the complete row groups.',
  ),
  PQ106: code(
    'TAIL_MAGIC_PARTIAL',
    'The last one to three bytes of the file are missing.',
    'A repair puts them back without loss.',
  ),
  PQ107: code(
    'TRAILING_BYTES',
    'There are bytes after the end of the Parquet file.',
    'A repair cuts them off without loss.',
  ),
  PQ108: code(
    'LEADING_BYTES',
    'There are bytes before the start of the Parquet file.',
    'A repair cuts them off without loss.',
  ),
  PQ109: code(
    'CONCATENATED_FILES',
    'Several Parquet files were joined byte by byte; readers see only one of them.',
    'Ask for the files one by one; Parquet files cannot be joined with cat.',
  ),
  PQ110: code(
    'WRAPPED_COMPRESSED',
    'The Parquet file is packed inside gzip, zstd or zip.',
    'Unpack it before it lands; Parquet is compressed inside.',
  ),
  PQ111: code(
    'TEXT_MODE_MANGLED',
    'The file went through a transfer or tool that took it for text.',
    'Transfer it in binary mode.',
  ),
  PQ112: code(
    'ENCRYPTED_FOOTER',
    'The footer is encrypted (the file ends with PARE).',
    'Deliver the file decrypted; keys are not supported.',
  ),
  PQ113: code(
    'ENCRYPTED_COLUMNS',
    'Some columns are encrypted.',
    'Deliver the file decrypted; keys are not supported.',
  ),
  PQ114: code(
    'ZERO_HOLE',
    'A stretch of the file is zero: it was never written, or lost by the disk.',
    'Ask the sender for the file again; a repair keeps everything outside of the hole.',
  ),
  PQ115: code(
    'BYTES_MISSING_OR_INSERTED',
    'From some place on everything lies nearer or farther than the footer says: bytes were lost or put in.',
    'A repair finds everything behind the place; the column that it lies in may lose some of its rows.',
  ),
  PQ201: code(
    'FOOTER_MISSING',
    'No footer was found: the writer died or the end was cut off.',
    'Ask for the file again; a repair can save the complete row groups.',
  ),
  PQ202: code(
    'FOOTER_TRUNCATED',
    'The footer begins but is cut off.',
    'Ask for the file again; a repair can save the row groups that the footer still lists.',
  ),
  PQ203: code(
    'FOOTER_LENGTH_WRONG',
    'The length field of the footer does not fit the file.',
    'A repair finds the true start of the footer.',
  ),
  PQ204: code('FOOTER_THRIFT_INVALID', 'The footer cannot be decoded.', ASK_AGAIN),
  PQ205: code('SCHEMA_INVALID', 'The schema in the footer contradicts itself.', ASK_AGAIN),
  PQ206: code(
    'LOGICAL_TYPE_ILLEGAL',
    'A column is annotated with a type that its storage cannot hold.',
    'Ask the sender to write the file with another writer; a repair keeps the values as they are stored, without the annotation.',
  ),
  PQ207: code(
    'DUPLICATE_COLUMN',
    'Two columns have the same name (the engine does not tell upper from lower case).',
    'Rename one of the columns at the sender; it is read with a suffix such as _1.',
  ),
  PQ208: code(
    'OFFSETS_SHIFTED',
    'All offsets in the footer are wrong by the same number of bytes.',
    'A repair corrects the offsets without loss.',
  ),
  PQ209: code('OFFSET_OUT_OF_FILE', 'The footer points outside of the file.', ASK_AGAIN),
  PQ210: code('CHUNK_OVERLAP', 'Two column chunks claim the same bytes.', ASK_AGAIN),
  PQ211: code('ROW_COUNT_MISMATCH', 'The row groups do not add up to the row count of the file.', ASK_AGAIN),
  PQ212: code('COLUMN_LENGTHS_DIFFER', 'A column has another number of values than its row group has rows.', ASK_AGAIN),
  PQ213: code(
    'CODEC_OR_ENCODING_UNKNOWN',
    'A column uses a compression or an encoding that cannot be read.',
    'Write the file with snappy, zstd, gzip, lz4_raw, brotli or no compression.',
  ),
  PQ214: code(
    'STATISTICS_INVALID',
    'Statistics in the footer cannot be true, whatever the data is.',
    'The rows can be read; readers that skip by statistics may miss some. Repair with the fix `statistics`, which drops them.',
  ),
  PQ216: code(
    'PAGE_INDEX_INVALID',
    'An index of the pages cannot be read, or points to other places than the pages are at.',
    'The rows can be read; readers that use the index may fail. Repair with the fix `statistics`, which drops it.',
  ),
  PQ217: code(
    'BLOOM_FILTER_INVALID',
    'A bloom filter cannot be read.',
    'The rows can be read; readers that use the filter may miss some. Repair with the fix `statistics`, which drops it.',
  ),
  PQ218: code(
    'KEY_VALUE_METADATA_INVALID',
    'Metadata of another program in the footer cannot be read by it.',
    'The rows can be read; tell the sender that the metadata of the file is damaged.',
  ),
  PQ219: code(
    'EXTERNAL_FILE_PATH',
    'The footer refers to data in other files.',
    'Point the source at the data files, not at the _metadata file.',
  ),
  PQ220: code(
    'RESERVED_COLUMN',
    'A column has a name that starts with __tg_, which is reserved.',
    'Rename the column at the sender.',
  ),
  PQ301: code('PAGE_HEADER_INVALID', 'There is no page where the footer says one begins.', ASK_AGAIN),
  ...PAGE_FINDING_CODES,
  PQ601: code(
    'NO_SCHEMA_SOURCE',
    'The file lost its footer, and nothing near it says which columns it has.',
    'Name a sound file of the same table with --like.',
  ),
  PQ602: code(
    'AMBIGUOUS_BOUNDARIES',
    'Without its footer the file can be read as row groups in more than one way.',
    'A file of the same table, written by the same program, says how many rows a group has.',
  ),
  PQ603: code(
    'SCHEMA_SOURCE_REJECTED',
    'The schema that was offered for a file without a footer does not fit its pages.',
    'Offer a file of the same table.',
  ),
  PQ604: code(
    'PARTIAL_ROW_GROUP',
    'The last row group lacks some of its columns.',
    'Its rows can be kept with NULLs in what is missing, or left out.',
  ),
  PQ605: code(
    'ROWS_LOST_UNKNOWN',
    'Nobody can say how many rows the file had before it was damaged.',
    'Ask the sender how many there should be.',
  ),
  PQ606: code(
    'VERIFY_FAILED',
    'The repaired file was read again and does not hold what was planned, so it was thrown away.',
    'Keep the file and report it: this is a fault of the repair, not of the file.',
  ),
  PQ701: code('NOT_TEXT', 'The file should be text but has binary content.', LOOK),
  PQ702: code(
    'BAD_ENCODING',
    'The text is not valid in the expected encoding.',
    'Set options.encoding of the source, or ask the sender for UTF-8.',
  ),
  PQ703: code(
    'BAD_JSON',
    'The JSON document is not valid.',
    'Ask the sender for the file again; a cut-off document often means an interrupted transfer.',
  ),
  PQ704: code('TRUNCATED_COMPRESSION', 'The compressed data ends too early or is damaged.', ASK_AGAIN),
  PQ705: code('NO_ROWS', 'The file has no record at all.', 'Check that the sender meant to send an empty file.'),
  PQ706: code(
    'HEADER_DIFFERS',
    'The columns of the file are not those of the contract.',
    'Run `tidegate contract diff`, or ask the sender for the agreed columns.',
  ),
  PQ707: code('WRONG_FORMAT', 'The file is of another format than the source says.', LOOK),
  PQ708: code(
    'RECORDS_NOT_FOUND',
    'The JSON document has no array of objects where the rows should be.',
    'Set options.records of the source to the path of the array.',
  ),
  PQ709: code(
    'NOT_PARSABLE',
    'The text cannot be split into records.',
    'Check delimiter, quote and line ends of the file.',
  ),
  PQ901: code(
    'READER_CRASHED',
    'The process that read the file died of it, twice.',
    'Hold the file and ask the sender for it again; no other reader should meet it unprotected.',
  ),
  PQ902: code(
    'TIMEOUT',
    'Reading the file took longer than is allowed.',
    'Allow more time for it, or ask the sender for smaller files.',
  ),
  PQ903: code(
    'LIMIT_EXCEEDED',
    'The file asks for more memory or depth than the reader allows.',
    'If the file is genuine, ask the sender for smaller files.',
  ),
  PQ116: code(
    'SIZE_DIFFERS_FROM_CATALOG',
    "The table's log says that the file has another size, or that it exists, and it does not.",
    'The file was cut, replaced or deleted after it was committed; restore it from a copy, or repair it with --delta.',
  ),
  PQ501: code(
    'MARKER_FILE',
    'The file or folder is no data: it tells programs something about the files beside it.',
    'Read the data files, not this; a table with a log has to be read by its log.',
  ),
  PQ502: code(
    'TEMP_FILE',
    'The file or folder is what a writer left behind that has not finished.',
    'Do not read it; delete it when the writer is known to be dead.',
  ),
  PQ503: code(
    'SCHEMA_DIFFERS_FROM_SIBLINGS',
    'The columns of the file are not those of most files beside it.',
    'Look whether the file belongs to this table; ask the sender whether the columns were meant to change.',
  ),
  PQ504: code(
    'ZERO_ROWS',
    'The file is in order and has no rows.',
    'Check that the sender meant to send an empty file.',
  ),
  PQ505: code(
    'DUPLICATE_OF_SIBLING',
    'Another file of the folder has the same bytes; whoever reads the folder gets the rows twice.',
    'Take one of the two away, or ask the sender which was meant.',
  ),
  PQ506: code(
    'HADOOP_CRC_SIDECAR_MISMATCH',
    'The checksums that Hadoop wrote beside the file are not those of its bytes.',
    'The bytes in the blocks that are named changed after they were written; ask for the file again or repair it.',
  ),
  PQ904: code(
    'IO_ERROR',
    'The file or folder could not be read at all.',
    'Check owner, mode, mount and what the path leads to; nothing of it was looked at.',
  ),
}

export type KnownFindingCode =
  | 'PQ116'
  | 'PQ501'
  | 'PQ502'
  | 'PQ503'
  | 'PQ504'
  | 'PQ505'
  | 'PQ506'
  | 'PQ904'
  | PageFindingCode
  | 'PQ601'
  | 'PQ602'
  | 'PQ603'
  | 'PQ604'
  | 'PQ605'
  | 'PQ101'
  | 'PQ102'
  | 'PQ103'
  | 'PQ104'
  | 'PQ105'
  | 'PQ106'
  | 'PQ107'
  | 'PQ108'
  | 'PQ109'
  | 'PQ110'
  | 'PQ111'
  | 'PQ112'
  | 'PQ113'
  | 'PQ201'
  | 'PQ202'
  | 'PQ203'
  | 'PQ204'
  | 'PQ205'
  | 'PQ206'
  | 'PQ207'
  | 'PQ208'
  | 'PQ209'
  | 'PQ210'
  | 'PQ211'
  | 'PQ212'
  | 'PQ213'
  | 'PQ114'
  | 'PQ115'
  | 'PQ214'
  | 'PQ216'
  | 'PQ217'
  | 'PQ218'
  | 'PQ219'
  | 'PQ220'
  | 'PQ301'
  | 'PQ606'
  | 'PQ701'
  | 'PQ702'
  | 'PQ703'
  | 'PQ704'
  | 'PQ705'
  | 'PQ706'
  | 'PQ707'
  | 'PQ708'
  | 'PQ709'
  | 'PQ901'
  | 'PQ902'
  | 'PQ903'

function code(name: string, meaning: string, hint: string): FindingExplanation {
  return { name, meaning, hint }
}
