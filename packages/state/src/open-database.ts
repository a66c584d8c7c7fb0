import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
} from 'node:fs'
import path from 'node:path'
import { codeOf, TidegateError } from '@tidegate/core'
import Sqlite from 'better-sqlite3'
import { checkVersion, foreign, migrate, newer, older, APPLICATION_ID } from './migrate.ts'
import { SCHEMA_VERSION } from './migrations/index.ts'
import { retryBusy } from './retry-busy.ts'
import { toStateError } from './state-errors.ts'

/** Opens for reading and writing; makes folders, file and tables as needed. */
export async function openForWriting(file: string, busyTimeoutMs: number): Promise<Sqlite.Database> {
  return guarded(file, async (opened) => {
    if (file !== ':memory:') {
      mkdirSync(path.dirname(file), { recursive: true })
      refuseByHeader(file)
      // SQLite says only that it cannot open the file; the system says why.
      accessSync(path.dirname(file), constants.W_OK)
      if (existsSync(file)) accessSync(file, constants.W_OK)
    }
    const database = opened(new Sqlite(file, { timeout: 0 }))
    await retryBusy(busyTimeoutMs, () => checkVersion(database, file))
    await retryBusy(busyTimeoutMs, () => database.pragma('journal_mode = wal'))
    database.pragma('synchronous = full')
    database.pragma('foreign_keys = on')
    // In KiB. With the 2 MiB that are usual, a database of a million files reads its indexes again and again.
    database.pragma('cache_size = -32768')
    await migrate(database, file, busyTimeoutMs)
    refuseIncomplete(database, file)
    database.pragma(`busy_timeout = ${String(busyTimeoutMs)}`)
    return database
  })
}

/**
 * Opens without writing: no folder, no file, no migration. Without a file, or with an empty one: an empty database in
 * memory. Tables of an older version are copied into memory and migrated there.
 *
 * SQLite itself keeps `-wal` and `-shm` files next to a database in WAL mode while it is open; a reader makes them (empty)
 * when they are missing and leaves them to the next writer, so {@link tidyAfterReading} comes after it. Where the folder does not allow that, the file is read into
 * memory, provided no `-wal` file says that there is more than the file.
 */
export async function openForReading(file: string, busyTimeoutMs: number): Promise<Sqlite.Database> {
  return guarded(file, async (opened) => {
    const database = opened(await openReadable(file, busyTimeoutMs))
    database.pragma('query_only = on')
    refuseIncomplete(database, file)
    return database
  })
}

/**
 * Takes away the empty `-wal` and `-shm` files that a reader left. Only a connection that may write does so when it closes,
 * and only the last one: SQLite's own locks keep a database in use as it is. Where that is not allowed, the files stay.
 */
export function tidyAfterReading(file: string): void {
  if (!existsSync(`${file}-wal`)) return
  try {
    const database = new Sqlite(file, { fileMustExist: true, timeout: 0 })
    try {
      database.pragma('user_version')
    } finally {
      database.close()
    }
  } catch {
    // Two empty files more are no reason to fail a reader.
  }
}

async function openReadable(file: string, busyTimeoutMs: number): Promise<Sqlite.Database> {
  if (file === ':memory:' || !existsSync(file) || statSync(file).size === 0)
    return inMemory(new Sqlite(':memory:'), file)
  refuseByHeader(file)
  const database = openInPlace(file, busyTimeoutMs)
  if (database === undefined) return inMemory(new Sqlite(readClosedDatabase(file)), file)
  try {
    const version = checkVersion(database, file)
    if (version === SCHEMA_VERSION) return database
    if (statSync(file).size > COPIED_BYTES) throw older(file, version)
    const copy = withoutWal(database.serialize())
    database.close()
    return await inMemory(new Sqlite(copy), file)
  } catch (error) {
    database.close()
    throw error
  }
}

/** An older database up to this size is migrated in memory for a reader; one of a gigabyte ran out of it. */
const COPIED_BYTES = 256 * 1024 * 1024

/** Undefined when SQLite cannot make its files next to it. */
function openInPlace(file: string, busyTimeoutMs: number): Sqlite.Database | undefined {
  let database: Sqlite.Database | undefined
  try {
    database = new Sqlite(file, { readonly: true, timeout: busyTimeoutMs })
    database.pragma('user_version')
    return database
  } catch (error) {
    database?.close()
    const code = codeOf(error) ?? ''
    if (/^SQLITE_(CANTOPEN|READONLY)/.test(code) && !existsSync(`${file}-wal`)) return undefined
    throw error
  }
}

async function inMemory(database: Sqlite.Database, file: string): Promise<Sqlite.Database> {
  await migrate(database, file, 0)
  return database
}

function readClosedDatabase(file: string): Buffer {
  return withoutWal(readFileSync(file))
}

/** Bytes 18 and 19 say that the file is in WAL mode, which a database in memory cannot be. */
function withoutWal(bytes: Buffer): Buffer {
  bytes.fill(1, 18, 20)
  return bytes
}

/** Closes the database and says what went wrong in our words, when `open` fails. */
async function guarded(
  file: string,
  open: (opened: (database: Sqlite.Database) => Sqlite.Database) => Promise<Sqlite.Database>,
): Promise<Sqlite.Database> {
  let database: Sqlite.Database | undefined
  try {
    return await open((opened) => (database = opened))
  } catch (error) {
    database?.close()
    throw toStateError(error, file)
  }
}

/**
 * Looks at the file before SQLite does. Opening a database and closing it again may change it (SQLite then moves the
 * `-wal` file into it), and what is not ours or newer than us must not be changed.
 */
function refuseByHeader(file: string): void {
  const header = readHeader(file)
  if (header === undefined || header.length === 0) return
  const isSqlite = header.length === 100 && header.toString('latin1', 0, 16) === 'SQLite format 3\0'
  if (!isSqlite) throw notADatabase(file)
  const version = header.readUInt32BE(60)
  const application = header.readUInt32BE(68)
  // A file whose first pages are still in the -wal file has neither number.
  if (application !== APPLICATION_ID && (application !== 0 || version !== 0)) throw foreign(file)
  if (version > SCHEMA_VERSION) throw newer(file, version, SCHEMA_VERSION)
}

/** The first 100 bytes, fewer when the file is shorter, undefined when there is none. */
function readHeader(file: string): Buffer | undefined {
  let descriptor: number
  try {
    descriptor = openSync(file, 'r')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    if (codeOf(error) === 'EACCES') throw notReadable(file, error)
    throw error
  }
  try {
    const header = Buffer.alloc(100)
    return header.subarray(0, readSync(descriptor, header, 0, 100, 0))
  } finally {
    closeSync(descriptor)
  }
}

function refuseIncomplete(database: Sqlite.Database, file: string): void {
  const { found } = database
    .prepare(
      `select count(*) as found from sqlite_schema
       where name in ('lease', 'run', 'ledger', 'source_name', 'entry', 'file_version', 'file_version_row', 'part', 'part_row',
         'part_file', 'quarantine', 'schema_version', 'watermark', 'watermark_share', 'batch', 'failure', 'check_result',
         'outbox', 'entry_sum', 'check_day', 'contract_version', 'schedule', 'tick', 'job', 'attempt', 'job_event', 'ingestion',
         'token', 'session', 'audit', 'idempotency', 'alert_signal', 'alert', 'alert_group', 'alert_decision', 'alert_revision',
         'silence', 'delivery', 'forgotten')`,
    )
    .get() as { readonly found: number }
  if (found === 39) return
  throw new TidegateError('STATE_CORRUPT', `tables are missing in the state database: ${file}`, {
    hint: 'Move the file away and run `tidegate state rebuild`: it restores the index from the commit logs of the targets.',
    dataNow: 'The loaded data is not affected: the commit logs of the targets are the truth.',
  })
}

function notADatabase(file: string): TidegateError {
  return new TidegateError('STATE_NOT_A_DATABASE', `this file is no SQLite database: ${file}`, {
    hint: 'Point `state` at another file, or move this one away; `tidegate state rebuild` makes a new one from the targets.',
    dataNow: 'The file was not changed.',
  })
}

function notReadable(file: string, cause: unknown): TidegateError {
  return new TidegateError('STATE_CANNOT_OPEN', `no permission to read the state database: ${file}`, {
    hint: 'Check the owner and the permissions of the file.',
    dataNow: 'Nothing was changed.',
    cause,
  })
}
