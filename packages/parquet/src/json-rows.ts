/** JSON and NDJSON: one record per line, its keys as text columns. */
import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'

import { messageOf, type Dialect, type QueryOptions, type ReadOptions, type Session } from '@tidegate/core'

import { finding } from './finding-codes.ts'
import { escapeEngineGlob } from './parquet-relation.ts'
import { splitJson } from './split-json.ts'
import { MAX_REJECTED_LINES, MAX_REJECTED_TEXT, type OpenedText, type Rejects } from './text-rows.ts'
import { uniqueNames } from './unique-names.ts'

const MAX_LINE_BYTES = 16 * 1024 * 1024
const MAX_COLUMNS = 10_000

/** @param path UTF-8 */
export async function openJson(
  session: Session,
  path: string,
  read: ReadOptions,
  workFolder: string,
  options?: QueryOptions,
): Promise<OpenedText> {
  const suffix = randomBytes(6).toString('hex')
  const split = join(workFolder, `records-${suffix}.tmp`)
  const rejectTable = `tg_rejects_${suffix}`
  const scanTable = `tg_scans_${suffix}`
  const dispose = async (): Promise<void> => {
    await rm(split, { force: true })
    await session.query(`DROP TABLE IF EXISTS ${rejectTable}`)
    await session.query(`DROP TABLE IF EXISTS ${scanTable}`)
  }
  let isOpen = false
  try {
    if (read.format === 'json') {
      const problem = await splitJson(path, split, read.records ?? '')
      if (problem !== undefined) return { kind: 'unreadable', finding: problem }
    }
    const lines = readLines(session.dialect, read.format === 'json' ? split : path, rejectTable, scanTable)
    const keys = await listKeys(session, lines, options)
    if (keys.length > MAX_COLUMNS)
      return {
        kind: 'unreadable',
        finding: finding('PQ903', `The records have ${keys.length} different keys; the limit is 10,000.`, {
          evidence: { keys: keys.length },
        }),
      }
    isOpen = true
    return {
      kind: 'ok',
      rows: recordsOf(session.dialect, lines, keys),
      rejects: async () => await readRejects(session, lines, rejectTable, options),
      dispose,
    }
  } catch (error) {
    if (/invalid state|CSV/i.test(messageOf(error)))
      return {
        kind: 'unreadable',
        finding: finding('PQ709', 'The text cannot be split into lines.', { severity: 'fatal' }),
      }
    throw error
  } finally {
    if (!isOpen) await dispose()
  }
}

/** `(SELECT r, line)` of all lines that are not blank. */
function readLines(dialect: Dialect, path: string, rejectTable: string, scanTable: string): string {
  // The engine's own NDJSON reader gives up on all that follows a broken line; its CSV reader hands out raw lines. The
  // delimiter is a control character, which valid JSON never contains.
  const read = `read_csv(${[
    dialect.literal(escapeEngineGlob(path)),
    'auto_detect=false',
    String.raw`delim='\x01'`,
    "quote=''",
    "escape=''",
    'header=false',
    'strict_mode=false',
    "columns={'line': 'VARCHAR'}",
    `max_line_size=${MAX_LINE_BYTES}`,
    'store_rejects=true',
    `rejects_table='${rejectTable}'`,
    `rejects_scan='${scanTable}'`,
    'rejects_limit=0',
    "compression='none'",
    'hive_partitioning=false',
  ].join(', ')})`
  return `(SELECT row_number() OVER () - 1 AS r, line FROM ${read} WHERE trim(line, ' \t\r\n\f') <> '')`
}

const IS_RECORD = `coalesce(TRY(json_type(line)) = 'OBJECT', false)`

/** All keys of all records, in the order in which they first appear. */
async function listKeys(session: Session, lines: string, options: QueryOptions | undefined): Promise<string[]> {
  const keyed = `SELECT r, json_keys(line) AS keys FROM ${lines} WHERE ${IS_RECORD}`
  const { rows } = await session.query(
    `SELECT k FROM (SELECT r, unnest(keys) AS k, unnest(range(len(keys))) AS position FROM (${keyed})) GROUP BY k ORDER BY min(r * 1000000 + position), k`,
    options,
  )
  return rows.map(([key]) => String(key))
}

function recordsOf(
  dialect: Dialect,
  lines: string,
  keys: readonly string[],
): Extract<OpenedText, { kind: 'ok' }>['rows'] {
  const names = uniqueNames(keys)
  if (keys.length === 0) return { from: `(SELECT r FROM ${lines} WHERE ${IS_RECORD})`, columns: [] }
  const pointers = keys.map((key) => dialect.literal(`/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`)).join(', ')
  const parts = keys.flatMap((_, index) => [`texts[${index + 1}] AS c${index}`, `types[${index + 1}] AS k${index}`])
  return {
    from: `(SELECT r, ${parts.join(', ')} FROM (SELECT r, json_extract_string(line, [${pointers}]) AS texts, json_type(line, [${pointers}]) AS types FROM ${lines} WHERE ${IS_RECORD}))`,
    columns: names.map((name, index) => ({ name, text: `c${index}`, jsonType: `k${index}` })),
  }
}

async function readRejects(
  session: Session,
  lines: string,
  table: string,
  options: QueryOptions | undefined,
): Promise<Rejects> {
  const broken = await session.query(`SELECT count(*) FROM ${table}`, options)
  const brokenCount = Number(broken.rows[0]?.[0] ?? 0)
  const brokenList = await session.query(
    `SELECT line - 1, left(csv_line, ${MAX_REJECTED_TEXT}), error_type::VARCHAR || ': ' || error_message FROM ${table} ORDER BY line LIMIT ${MAX_REJECTED_LINES}`,
    options,
  )
  const bad = `FROM ${lines.replaceAll('store_rejects=true', 'ignore_errors=true').replaceAll(/rejects_\w+='?\w+'?, /g, '')} WHERE NOT ${IS_RECORD}`
  const invalid = await session.query(`SELECT count(*) ${bad}`, options)
  const invalidCount = Number(invalid.rows[0]?.[0] ?? 0)
  const invalidList =
    invalidCount === 0
      ? { rows: [] }
      : await session.query(
          `SELECT r, left(line, ${MAX_REJECTED_TEXT}), CASE WHEN json_valid(line) THEN 'not an object' ELSE 'not valid JSON' END ${bad} ORDER BY r LIMIT ${MAX_REJECTED_LINES}`,
          options,
        )
  const all = [...brokenList.rows, ...invalidList.rows].map(([row, text, message]) => ({
    row: Number(row),
    text: String(text ?? ''),
    message: String(message ?? ''),
  }))
  return { count: brokenCount + invalidCount, lines: all.sort((a, b) => a.row - b.row).slice(0, MAX_REJECTED_LINES) }
}
