import type { OpenedState } from './follow-state.ts'
import type { OpenedDatabase } from './opened-database.ts'
import type { State, StateOptions } from './state.ts'

/**
 * Opens the state database, making or migrating it unless `readOnly`.
 *
 * @throws TidegateError `STATE_NOT_A_DATABASE`, `STATE_FOREIGN`, `STATE_NEWER`, `STATE_CORRUPT`, `STATE_FULL`,
 *   `STATE_BUSY` (retryable), `STATE_READ_ONLY`, `STATE_CANNOT_OPEN`, `STATE_IO`. The first three leave the file as it is.
 */
export async function openState(options: StateOptions): Promise<State> {
  if (options.readOnly !== true) return (await openOnce(options)).state
  const { followState } = await import('./follow-state.ts')
  return followState(async () => openOnce(options))
}

async function openOnce(options: StateOptions): Promise<OpenedState> {
  const opened = await openDatabase(options.path, options.readOnly === true, options.busyTimeoutMs)
  const { stateOn } = await import('./state-on.ts')
  return { state: stateOn(opened, options), isOutdated: () => opened.isOutdated() }
}

async function openDatabase(
  where: string,
  readOnly: boolean,
  busyTimeoutMs: number | undefined,
): Promise<OpenedDatabase> {
  // Drivers and Kysely are loaded when a database is opened, and only those of its kind.
  if (!isPostgresUrl(where)) {
    const { openSqlite } = await import('./open-sqlite.ts')
    return openSqlite({ path: where, readOnly, busyTimeoutMs: busyTimeoutMs ?? 5000 })
  }
  const { openPostgres, statePath } = await import('./postgres/open-postgres.ts')
  const opened = await openPostgres({ path: where, readOnly, busyTimeoutMs: busyTimeoutMs ?? 30_000 })
  if (opened !== undefined) return opened
  const { openSqlite } = await import('./open-sqlite.ts')
  const empty = await openSqlite({ path: ':memory:', readOnly, busyTimeoutMs: 0 })
  // Whether there is one by now only opening tells.
  return { ...empty, path: statePath(where), isOutdated: () => true }
}

/** Here and not from @tidegate/postgres, which brings the driver along: only who has such a state waits for that. */
function isPostgresUrl(where: string): boolean {
  return /^postgres(?:ql)?:\/\//i.test(where)
}
