import { codeOf, isTidegateError, messageOf, TidegateError, type TidegateErrorOptions } from '@tidegate/core'

/**
 * What the server, the driver or the network said, as a coded error. Errors of ours pass unchanged, and so does what is
 * neither (a mistake in the program).
 *
 * Messages of the server may quote values of the data (`invalid input syntax for type integer: "…"`); these are cut, and
 * `detail` and `where`, which hold whole rows, are dropped. The cause keeps SQLSTATE, table, column and constraint.
 */
export function toPostgresError(error: unknown, where: string): unknown {
  if (isTidegateError(error)) return error
  const code = faultCodeOf(error)
  const fault = FAULTS.find((candidate) => candidate.when.test(code))
  if (fault === undefined) return error
  const place = placeOf(error)
  return new TidegateError(fault.code, `${fault.message}: ${where} (${code}: ${safeMessage(error, code)}${place})`, {
    ...fault.options,
    cause: withoutValues(error, code),
  })
}

/** The five characters of SQLSTATE that the server gave, also through our own error; undefined for anything else. */
export function sqlStateOf(error: unknown): string | undefined {
  const code = isTidegateError(error) ? codeOf(error.cause) : codeOf(error)
  return code !== undefined && SQLSTATE.test(code) ? code : undefined
}

const SQLSTATE = /^[0-9A-Z]{5}$/

/** SQLSTATE, the operating system's code, or a word of ours for what the driver says without a code. */
function faultCodeOf(error: unknown): string {
  const code = codeOf(error)
  if (code !== undefined && code !== '') return code
  // The driver tries every address of a name and collects what each said.
  if (error instanceof AggregateError) return faultCodeOf(error.errors[0])
  return DRIVER_SAYS.find(([pattern]) => pattern.test(messageOf(error)))?.[1] ?? ''
}

const DRIVER_SAYS: readonly (readonly [RegExp, string])[] = [
  [/timeout exceeded when trying to connect|timeout expired|connection timeout/i, 'CONNECT_TIMEOUT'],
  [
    /Connection terminated|connection ended|not queryable|Client was closed|write after end|premature close/i,
    'CONNECTION_LOST',
  ],
  [/Query read timeout/i, 'CONNECTION_LOST'],
  [/does not support SSL|SSL.*(?:establish|required)|certificate/i, 'TLS'],
  [/password must be a string|SASL|No pg_hba|unknown auth/i, '28000'],
]

function safeMessage(error: unknown, code: string): string {
  const first = error instanceof AggregateError ? messageOf(error.errors[0]) : messageOf(error)
  const line = first.split('\n', 1)[0] ?? ''
  return /^2[23]/.test(code) ? line.replace(/(:| value| date) ".*$/s, '$1 …') : line
}

function placeOf(error: unknown): string {
  const names = ['table', 'column', 'constraint'].flatMap((key) => {
    const value = field(error, key)
    return value === undefined ? [] : [`${key} ${value}`]
  })
  return names.length === 0 ? '' : `; ${names.join(', ')}`
}

function withoutValues(error: unknown, code: string): Error {
  const kept = new Error(safeMessage(error, code))
  for (const key of ['schema', 'table', 'column', 'constraint', 'routine']) {
    const value = field(error, key)
    if (value !== undefined) Object.assign(kept, { [key]: value })
  }
  return Object.assign(kept, { code })
}

function field(error: unknown, key: string): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const value: unknown = Reflect.get(error, key)
  return typeof value === 'string' && value !== '' ? value : undefined
}

interface Fault {
  /** Matches SQLSTATE, the operating system's code, or a word of {@link DRIVER_SAYS}. */
  readonly when: RegExp
  readonly code: string
  readonly message: string
  readonly options: Omit<TidegateErrorOptions, 'cause'>
}

const ROLLED_BACK = 'The transaction was rolled back; what was committed before is safe.'

// The first match counts.
const FAULTS: readonly Fault[] = [
  {
    when: /^(57P0[1245]|25P03|25P04|57P03|CONNECTION_LOST|ECONNRESET|EPIPE|08003|08006|08007)$/,
    code: 'PG_GONE',
    message: 'the Postgres server ended the connection',
    options: {
      retryable: true,
      hint: 'It was restarted, or the network failed: run again when it answers.',
      dataNow: 'The transaction under way was committed whole or not at all; the next run looks which.',
    },
  },
  {
    when: /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENOENT|EACCES|CONNECT_TIMEOUT|08.{3})$/,
    code: 'PG_CONNECT',
    message: 'no connection to the Postgres server',
    options: {
      retryable: true,
      hint: 'Check host and port, and that the server runs and lets this machine in.',
      dataNow: 'Nothing was changed.',
    },
  },
  {
    when: /^(TLS|CERT_.*|DEPTH_ZERO_.*|SELF_SIGNED_.*|UNABLE_TO_.*|ERR_TLS.*|ERR_SSL.*)$/,
    code: 'PG_TLS',
    message: 'the encrypted connection to the Postgres server failed',
    options: { hint: 'Check `sslmode` and `sslrootcert` in the address.', dataNow: 'Nothing was changed.' },
  },
  {
    when: /^28/,
    code: 'PG_AUTH',
    message: 'the Postgres server refused this user',
    options: {
      hint: 'Check user and password of the address (PGUSER, PGPASSWORD) and pg_hba.conf of the server.',
      dataNow: 'Nothing was changed.',
    },
  },
  {
    when: /^(3D000|3F000)$/,
    code: 'PG_NO_DATABASE',
    message: 'this database or schema does not exist',
    options: { hint: 'Create it, or correct the address.', dataNow: 'Nothing was changed.' },
  },
  {
    when: /^(40001|40P01|55P03|55006|57014|53300|40003)$/,
    code: 'PG_BUSY',
    message: 'another session was in the way, or a time limit ran out',
    options: {
      retryable: true,
      hint: 'Run again; if it lasts, look at pg_stat_activity for a session that holds locks.',
      dataNow: ROLLED_BACK,
    },
  },
  {
    when: /^(53100|58030|ENOSPC)$/,
    code: 'PG_DISK_FULL',
    message: 'the Postgres server cannot write: its disk is full or fails',
    options: { hint: 'Free some space on the server, then run again.', dataNow: ROLLED_BACK },
  },
  {
    when: /^(53.{3}|54.{3})$/,
    code: 'PG_RESOURCES',
    message: 'the Postgres server ran out of memory or of another resource',
    options: { hint: 'Look at the log of the server; smaller batches need less.', dataNow: ROLLED_BACK },
  },
  {
    when: /^25006$/,
    code: 'PG_READ_ONLY',
    message: 'this Postgres server or session only reads',
    options: {
      hint: 'Give the address of the primary server, not of a standby.',
      dataNow: 'Nothing was written.',
    },
  },
  {
    when: /^42501$/,
    code: 'PG_PERMISSION',
    message: 'the Postgres user lacks a privilege',
    options: { hint: 'Grant it, or use another user.', dataNow: ROLLED_BACK },
  },
  {
    when: /^(XX001|XX002|58P0.)$/,
    code: 'PG_CORRUPT',
    message: 'the Postgres server found damaged data',
    options: { hint: 'Look at the log of the server; restore it from a backup.', dataNow: ROLLED_BACK },
  },
  {
    when: /^(23.{3}|44000)$/,
    code: 'PG_CONSTRAINT',
    message: 'a constraint of the table refused the rows',
    options: {
      hint: 'Put the same rule into the contract, so that such rows are found before the load.',
      dataNow: ROLLED_BACK,
    },
  },
  {
    when: /^(22.{3}|42804|42846)$/,
    code: 'PG_VALUE',
    message: 'a value does not fit the column of the table',
    options: { hint: 'Compare the types of the table with those of the contract.', dataNow: ROLLED_BACK },
  },
  {
    when: /^(42.{3}|0A000)$/,
    code: 'PG_SCHEMA',
    message: 'the table is not as expected',
    options: { hint: 'Somebody may have changed it; compare it with the contract.', dataNow: ROLLED_BACK },
  },
  {
    when: SQLSTATE,
    code: 'PG_FAILED',
    message: 'the Postgres server reported an error',
    options: { dataNow: ROLLED_BACK },
  },
]
