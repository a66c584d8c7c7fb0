import { isTidegateError, TidegateError } from '@tidegate/core'
import { toPostgresError } from '@tidegate/postgres'

/**
 * What happened to the state database, in the words of the state: the caller need not know which engine it is on. What is
 * about the server itself (PG_CONNECT, PG_GONE, PG_AUTH, PG_TLS, PG_NO_DATABASE, PG_URL) stays as it is.
 */
export function fromPostgresError(thrown: unknown, path: string): unknown {
  const error = toPostgresError(thrown, path)
  if (!isTidegateError(error)) return error
  const fault = FAULTS[error.code]
  if (fault === undefined) return error
  const { code, hint } = fault
  const { message, retryable, dataNow } = error
  return new TidegateError(code, `the state database: ${message}`, {
    hint,
    retryable,
    cause: error,
    ...(dataNow === undefined ? {} : { dataNow }),
  })
}

const REBUILD = '`tidegate state rebuild` restores the index from the commit logs of the targets.'

const FAULTS: Readonly<Record<string, { readonly code: string; readonly hint: string }>> = {
  PG_BUSY: {
    code: 'STATE_BUSY',
    hint: 'Try again; if it lasts, look at pg_stat_activity for a session that stays in a transaction.',
  },
  PG_DISK_FULL: { code: 'STATE_FULL', hint: 'Free some space on the server, then run the command again.' },
  PG_RESOURCES: { code: 'STATE_IO', hint: 'Look at the log of the server.' },
  PG_READ_ONLY: { code: 'STATE_READ_ONLY', hint: 'Give the address of the primary server, not of a standby.' },
  PG_PERMISSION: {
    code: 'STATE_READ_ONLY',
    hint: 'The user of the address must own the schema of the state, or be allowed to create it.',
  },
  PG_CORRUPT: { code: 'STATE_CORRUPT', hint: REBUILD },
  PG_SCHEMA: { code: 'STATE_CORRUPT', hint: `Tables are missing or were changed: drop the schema; ${REBUILD}` },
}
