/** CSV through the engine's reader: every value as text, broken records into its reject tables. */
import { randomBytes } from 'node:crypto'
import { open } from 'node:fs/promises'

import type { ColumnSchema, QueryOptions, ReadOptions, Session } from '@tidegate/core'

import { finding } from './finding-codes.ts'
import { escapeEngineGlob } from './parquet-relation.ts'
import { MAX_REJECTED_LINES, MAX_REJECTED_TEXT, type OpenedText, type Rejects, type TextRows } from './text-rows.ts'
import { uniqueNames } from './unique-names.ts'

/** A header or first record longer than this is not looked for. */
const HEADER_BYTES = 1024 * 1024
const MAX_LINE_BYTES = 4 * 1024 * 1024

/**
 * @param path UTF-8
 * @param positional names for files without a header
 */
export async function openCsv(
  session: Session,
  path: string,
  read: ReadOptions,
  positional: readonly ColumnSchema[] | undefined,
  options?: QueryOptions,
): Promise<OpenedText> {
  const first = await readFirstRecord(path, read)
  if (first === undefined)
    return {
      kind: 'unreadable',
      finding: finding('PQ705', 'The file has no record, not even a header.', { severity: 'fatal' }),
    }
  const hasHeader = read.header ?? true
  const names = uniqueNames(hasHeader ? first : first.map((_, index) => positional?.[index]?.name ?? `column_${index}`))
  const suffix = randomBytes(6).toString('hex')
  const rejectTable = `tg_rejects_${suffix}`
  const scanTable = `tg_scans_${suffix}`
  const rows: TextRows = {
    from: `(SELECT row_number() OVER () - 1 AS r, * FROM ${readCsv(session, path, read, names.length, rejectTable, scanTable)})`,
    columns: names.map((name, index) => ({ name, text: `c${index}` })),
  }
  return {
    kind: 'ok',
    rows,
    rejects: async () => await readRejects(session, rejectTable, hasHeader, options),
    dispose: async () => {
      await session.query(`DROP TABLE IF EXISTS ${rejectTable}`)
      await session.query(`DROP TABLE IF EXISTS ${scanTable}`)
    },
  }
}

function readCsv(
  { dialect }: Session,
  path: string,
  read: ReadOptions,
  width: number,
  rejectTable: string,
  scanTable: string,
): string {
  const text = (value: string): string => dialect.literal(value)
  const columns = Array.from({ length: width }, (_, index) => `'c${index}': 'VARCHAR'`)
  return `read_csv(${[
    text(escapeEngineGlob(path)),
    'auto_detect=false',
    `delim=${text(read.delimiter ?? ',')}`,
    `quote=${text(read.quote ?? '"')}`,
    `escape=${text(read.escape ?? read.quote ?? '"')}`,
    `header=${read.header ?? true}`,
    `skip=${read.skip_rows ?? 0}`,
    `nullstr=[${(read.null_values ?? ['']).map(text).join(', ')}]`,
    `columns={${columns.join(', ')}}`,
    `max_line_size=${MAX_LINE_BYTES}`,
    'store_rejects=true',
    `rejects_table=${text(rejectTable)}`,
    `rejects_scan=${text(scanTable)}`,
    'rejects_limit=0',
    `compression='none'`,
    `hive_partitioning=false`,
  ].join(', ')})`
}

/** One entry per record, however many errors it has. */
async function readRejects(
  session: Session,
  table: string,
  hasHeader: boolean,
  options: QueryOptions | undefined,
): Promise<Rejects> {
  const perLine = `(SELECT line, any_value(csv_line) AS text, min(error_type::VARCHAR || ': ' || error_message) AS message FROM ${table} GROUP BY line)`
  const total = await session.query(`SELECT count(*) FROM ${perLine}`, options)
  const listed = await session.query(
    `SELECT line, left(text, ${MAX_REJECTED_TEXT}), message FROM ${perLine} ORDER BY line LIMIT ${MAX_REJECTED_LINES}`,
    options,
  )
  return {
    count: Number(total.rows[0]?.[0] ?? 0),
    lines: listed.rows.map(([line, text, message]) => ({
      row: Number(line) - 1 - (hasHeader ? 1 : 0),
      text: String(text ?? '').replace(/^[\r\n]+/, ''),
      message: String(message ?? ''),
    })),
  }
}

/** The fields of the first record that is not blank, or undefined if there is none. */
export async function readFirstRecord(path: string, read: ReadOptions): Promise<string[] | undefined> {
  const handle = await open(path, 'r')
  let text: string
  try {
    const buffer = Buffer.alloc(HEADER_BYTES)
    const { bytesRead } = await handle.read(buffer, 0, HEADER_BYTES, 0)
    text = new TextDecoder('utf-8').decode(buffer.subarray(0, bytesRead))
  } finally {
    await handle.close()
  }
  const lines = /^(?:[^\r\n]*(?:\r\n|\n|\r))/
  for (let skip = read.skip_rows ?? 0; skip > 0; skip--) text = text.replace(lines, '')
  text = text.replace(/^[\r\n]+/, '')
  return text === '' ? undefined : splitRecord(text, read)
}

/** The fields of the record at the start of `text`. */
export function splitRecord(text: string, read: ReadOptions): string[] {
  const delimiter = read.delimiter ?? ','
  const quote = read.quote ?? '"'
  const escape = read.escape ?? quote
  const fields: string[] = []
  let field = ''
  let quoted = false
  let at = 0
  while (at < text.length) {
    const char = text.charAt(at)
    if (quoted) {
      if (
        escape !== '' &&
        char === escape &&
        (text[at + 1] === quote || (escape !== quote && text[at + 1] === escape))
      ) {
        field += text.charAt(at + 1)
        at += 2
      } else if (char === quote) {
        quoted = false
        at++
      } else {
        field += char
        at++
      }
    } else if (quote !== '' && char === quote && field === '') {
      quoted = true
      at++
    } else if (text.startsWith(delimiter, at)) {
      fields.push(field)
      field = ''
      at += delimiter.length
    } else if (char === '\n' || char === '\r') break
    else {
      field += char
      at++
    }
  }
  return [...fields, field]
}
