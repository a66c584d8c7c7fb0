import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { messageOf, stringifyJson, TidegateError, type CheckResult, type JsonValue } from '@tidegate/core'
import type Sqlite from 'better-sqlite3'
import type { ExportedRow } from './export-state.ts'
import type { ImportCounts } from './import-rows.ts'
import type { State } from './state.ts'

export interface ImportedFile extends ImportCounts {
  readonly path: string
}

/**
 * Imports a folder that `exportFolder` wrote, one of its files (`.ndjson`, `watermarks.json`, `dq_logs.jsonl`), or the
 * SQLite file of the older platform. Times without a zone are UTC. Importing again changes nothing.
 *
 * @throws STATE_IMPORT
 */
export async function importState(state: Pick<State, 'importRows'>, from: string): Promise<readonly ImportedFile[]> {
  if (!existsSync(from)) throw cannot(`there is no ${from}`)
  const isFolder = statSync(from).isDirectory()
  const paths = isFolder ? NAMES.map((name) => path.join(from, name)).filter((name) => existsSync(name)) : [from]
  if (paths.length === 0) throw cannot(`the folder holds none of ${NAMES.join(', ')}: ${from}`)
  const imported: ImportedFile[] = []
  for (const file of paths) imported.push({ path: file, ...(await state.importRows(rowsOf(file))) })
  return imported
}

const NAMES = ['state.ndjson', 'watermarks.json', 'dq_logs.jsonl']

function rowsOf(file: string): AsyncIterable<ExportedRow> | Iterable<ExportedRow> {
  if (file.endsWith('.ndjson')) return readLines(file, (line) => line as unknown as ExportedRow)
  if (file.endsWith('.jsonl')) return readLines(file, (line) => checkRowOf(line))
  if (file.endsWith('.json')) return watermarkRows(readJson(file), file)
  return olderPlatformRows(file)
}

type Line = Readonly<Record<string, JsonValue | undefined>>

async function* readLines(file: string, toRow: (line: Line) => ExportedRow): AsyncGenerator<ExportedRow, void> {
  let number = 0
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1
    if (text.trim() === '') continue
    let line: unknown
    try {
      line = JSON.parse(text)
    } catch (error) {
      throw cannot(`line ${String(number)} of ${file} is no JSON: ${messageOf(error)}`)
    }
    if (!isObject(line)) throw cannot(`line ${String(number)} of ${file} is no object`)
    yield toRow(line)
  }
}

function checkRowOf(line: Line): ExportedRow {
  const result = isObject(line['result']) ? (line['result'] as unknown as CheckResult) : undefined
  const type = textOf(line['expectation_type']) ?? result?.type ?? 'unknown'
  const checkedAtMs = timeOf(line['timestamp'])
  if (checkedAtMs === undefined)
    throw cannot(`a line of the log has no timestamp: ${stringifyJson(line as JsonValue).slice(0, 100)}`)
  return {
    table: 'check_result',
    row: {
      run: textOf(line['run_id']) ?? `import-${new Date(checkedAtMs).toISOString()}`,
      file: textOf(line['file']) ?? '',
      check_id:
        textOf(line['check_id']) ?? digest(stringifyJson([type, line['kwargs'] ?? null, line['column'] ?? null])),
      source: textOf(line['source_name']) ?? textOf(line['source']) ?? '',
      dataset: textOf(line['dataset']) ?? '',
      type,
      columns: stringifyJson(result?.columns ?? (typeof line['column'] === 'string' ? [line['column']] : [])),
      failed: line['success'] === true ? 0 : 1,
      checked_at_ms: checkedAtMs,
      result: stringifyJson(result ?? line),
    },
  }
}

function* watermarkRows(json: unknown, file: string): Generator<ExportedRow, void> {
  const entries = Array.isArray(json)
    ? json.map((item): [string, unknown] => [isObject(item) ? (textOf(item['source_name']) ?? '') : '', item])
    : isObject(json)
      ? Object.entries(json)
      : []
  if (entries.length === 0 && !isObject(json)) throw cannot(`this holds no watermarks: ${file}`)
  for (const [source, item] of entries) {
    const fields: Line = isObject(item) ? item : { watermark_value: textOf(item) }
    yield watermarkRow(source, fields, file)
  }
}

function watermarkRow(source: string, fields: Line, file: string): ExportedRow {
  const value = textOf(fields['watermark_value'])
  if (source === '' || value === undefined) throw cannot(`a watermark without source or value: ${file}`)
  const metadata = typeof fields['metadata'] === 'string' ? parseOr(fields['metadata']) : fields['metadata']
  return {
    table: 'watermark_share',
    row: {
      source,
      ledger_id: 0,
      value,
      type: textOf(fields['watermark_type']) ?? 'VARCHAR',
      updated_at_ms: timeOf(fields['last_updated']) ?? 0,
      records_processed: wholeNumber(fields['records_processed']),
      metadata: stringifyJson(isObject(metadata) ? (metadata as JsonValue) : {}),
    },
  }
}

/** Read whole: the older platform keeps one row per source and per load. */
async function* olderPlatformRows(file: string): AsyncGenerator<ExportedRow, void> {
  const { default: Database } = await import('better-sqlite3')
  let database: Sqlite.Database | undefined
  try {
    database = new Database(file, { readonly: true, fileMustExist: true })
    const tables = database
      .prepare(`select name from sqlite_schema where type = 'table' and name in ('watermarks', 'load_history')`)
      .pluck()
      .all()
    if (tables.length === 0) throw cannot(`it has no table watermarks and no table load_history: ${file}`)
    const all = (table: string): readonly Line[] =>
      tables.includes(table) ? (database?.prepare(`select * from ${table}`).all() as Line[]) : []
    for (const row of all('watermarks')) yield watermarkRow(textOf(row['source_name']) ?? '', row, file)
    for (const row of all('load_history')) yield loadRow(row)
  } catch (error) {
    if (error instanceof TidegateError) throw error
    throw cannot(`${file}: ${messageOf(error)}`)
  } finally {
    database?.close()
  }
}

function loadRow(row: Line): ExportedRow {
  const source = textOf(row['source_name']) ?? ''
  const startedAtMs = timeOf(row['load_start']) ?? 0
  const status = textOf(row['status'])?.toLowerCase() ?? ''
  return {
    table: 'run',
    row: {
      // The number alone would meet those of another file.
      id: `import-${digest(stringifyJson([source, textOf(row['id']) ?? '', startedAtMs]))}`,
      command: 'load',
      source,
      started_at_ms: startedAtMs,
      ended_at_ms: timeOf(row['load_end']) ?? null,
      status: STATUSES[status] ?? 'failed',
      rows_loaded: wholeNumber(row['records_processed']),
      error_message: textOf(row['error_message']) ?? null,
      watermark_value: textOf(row['watermark_value']) ?? null,
      owner_id: '',
    },
  }
}

/** A load that was still running when the file was copied will not end here. */
const STATUSES: Readonly<Record<string, string>> = Object.assign(Object.create(null) as object, {
  success: 'ok',
  completed: 'ok',
  complete: 'ok',
  ok: 'ok',
  partial: 'partial',
  held: 'gate-failed',
  running: 'interrupted',
  started: 'interrupted',
  in_progress: 'interrupted',
})

function textOf(value: unknown): string | undefined {
  return typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'bigint'
      ? String(value)
      : undefined
}

/** Text with or without a zone (then UTC), seconds or milliseconds. */
function timeOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Math.round(value < 1e11 ? value * 1000 : value)
  if (typeof value !== 'string') return undefined
  const iso = value.trim().replace(' ', 'T')
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/i.test(iso) || !iso.includes('T') ? iso : `${iso}Z`
  const parsed = Date.parse(zoned)
  return Number.isNaN(parsed) ? undefined : parsed
}

function wholeNumber(value: unknown): number {
  const number = Number(value ?? 0)
  return Number.isSafeInteger(number) ? number : 0
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24)
}

function parseOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw cannot(`${file} is no JSON: ${messageOf(error)}`)
  }
}

function isObject(value: unknown): value is Line {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function cannot(why: string): TidegateError {
  return new TidegateError('STATE_IMPORT', `this cannot be imported: ${why}`, {
    hint: 'Import what `tidegate state export` wrote, or the SQLite file of the older platform.',
    dataNow: 'Rows before it may have come in; importing again does no harm.',
  })
}
