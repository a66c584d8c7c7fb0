/**
 * Sessions on a DuckDB database file, inside this process.
 *
 *   (1) A process opens a file once, however many sessions it wants. A second instance would not see the first one's changes,
 *       and the operating system gives a lock on a file back as soon as any handle of the process on it is closed: another
 *       process could then write at the same time. For the same reason nothing else in this process may open the file.  [OPEN]
 *   (2) Another process that has the file makes it busy, for a while or for good: the caller says how long to wait.
 *   (3) The file is given back with its last session; what is in the write-ahead log is merged into it then.
 *
 * What was committed is durable: DuckDB syncs its write-ahead log (and blocks written past it) before COMMIT returns. The
 * names of a new file and of its log become durable when their folder is synced, which is up to the caller.
 */
import { mkdirSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DuckDBInstance } from '@duckdb/node-api'
import { messageOf, TidegateError, type Session } from '@tidegate/core'
import { sessionOf } from './open-duckdb.ts'
import { runStatement } from './run-statement.ts'
import { settingStatements, type EngineSettings } from './settings.ts'

export interface DatabaseFileOptions extends EngineSettings {
  /** How long to wait for another process to give the file back. @defaultValue 10,000 */
  readonly waitMs?: number | undefined
}

/**
 * Opens a session on the file, which is made (with its folder) if it is not there. The settings of the first session hold for
 * all that are open at the same time.
 *
 * @throws TARGET_BUSY (retryable) if another process has it, TARGET_NOT_DUCKDB if it is no database or of a newer DuckDB
 */
export async function openDatabaseFile(file: string, options: DatabaseFileOptions = {}): Promise<Session> {
  mkdirSync(dirname(file), { recursive: true })
  const path = join(realpathSync(dirname(file)), basename(file))
  const instance = await share(path, options)
  try {
    const connection = await instance.connect()
    let open = true
    return sessionOf(connection, () => {
      if (!open) return
      open = false
      connection.disconnectSync()
      release(path, instance)
    })
  } catch (error) {
    release(path, instance)
    throw error
  }
}

interface Shared {
  readonly instance: Promise<DuckDBInstance>
  sessions: number
}

const OPEN = new Map<string, Shared>()

async function share(path: string, options: DatabaseFileOptions): Promise<DuckDBInstance> {
  const open = OPEN.get(path) ?? { instance: create(path, options), sessions: 0 }
  OPEN.set(path, open)
  open.sessions += 1
  try {
    return await open.instance
  } catch (error) {
    if (OPEN.get(path) === open) OPEN.delete(path)
    throw error
  }
}

/** Forgets and closes in one go: whoever asks next must find it open here or closed. */
function release(path: string, instance: DuckDBInstance): void {
  const open = OPEN.get(path)
  if (open === undefined) return
  open.sessions -= 1
  if (open.sessions > 0) return
  OPEN.delete(path)
  instance.closeSync()
}

const LOOK_AGAIN_MS = 50

async function create(path: string, { waitMs = 10_000, ...settings }: DatabaseFileOptions): Promise<DuckDBInstance> {
  const startMs = performance.now()
  for (;;) {
    try {
      return await start(path, settings)
    } catch (error) {
      const known = fileError(path, error)
      if (known?.code !== 'TARGET_BUSY' || performance.now() - startMs >= waitMs) throw known ?? error
    }
    await sleep(LOOK_AGAIN_MS)
  }
}

async function start(path: string, settings: EngineSettings): Promise<DuckDBInstance> {
  const { DuckDBInstance: library } = await import('@duckdb/node-api')
  const instance = await library.create(path)
  try {
    const connection = await instance.connect()
    for (const statement of settingStatements(settings)) await runStatement(connection, statement)
    connection.disconnectSync()
    return instance
  } catch (error) {
    instance.closeSync()
    throw error
  }
}

function fileError(path: string, error: unknown): TidegateError | undefined {
  const message = messageOf(error)
  if (/could not set lock|conflicting lock|being used by another process/i.test(message)) {
    const holder = /\(PID (\d+)\)/.exec(message)?.[1]
    return new TidegateError(
      'TARGET_BUSY',
      `Another process${holder === undefined ? '' : ` (${holder})`} has ${path} open.`,
      {
        hint: 'DuckDB lets one process write to a file. Close the other one, also a shell or a tool that only reads, then run again.',
        retryable: true,
        dataNow: 'Nothing was changed.',
        cause: error,
      },
    )
  }
  if (
    /not a valid DuckDB|serialization version|newer version of DuckDB|older version of DuckDB|storage version/i.test(
      message,
    )
  ) {
    return new TidegateError('TARGET_NOT_DUCKDB', `${path} cannot be used: ${message.split('\n', 1)[0]}`, {
      hint: 'Give a path where no file is yet, or a database of a DuckDB that is not newer than ours.',
      dataNow: 'The file was not changed.',
      cause: error,
    })
  }
  return undefined
}
