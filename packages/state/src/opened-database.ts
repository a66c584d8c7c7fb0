import type { Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/** A state database on either engine, checked and migrated. */
export interface OpenedDatabase {
  readonly db: Kysely<Schema>
  /** For messages and for people: the absolute path, or the address without user and password. */
  readonly path: string
  /** Whether something else is at this path now: a database that was not there, or another one in its place. */
  isOutdated(): boolean
  /** Waits for calls under way. Calling it again does nothing. */
  close(): Promise<void>
}

export interface OpenDatabaseOptions {
  readonly path: string
  readonly readOnly: boolean
  readonly busyTimeoutMs: number
}
