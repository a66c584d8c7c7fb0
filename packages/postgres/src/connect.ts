import { readFileSync } from 'node:fs'
import type { ClientConfig, CustomTypesConfig } from 'pg'
import { TidegateError, messageOf } from '@tidegate/core'
import { wrapClient, type PostgresClient } from './client.ts'
import { toPostgresError } from './postgres-errors.ts'
import { maskUrl, parsePostgresUrl, type PostgresAddress } from './postgres-url.ts'
import { quoteIdentifier } from './quote.ts'
import { valueParser, type Int8 } from './value-parsers.ts'

export interface ConnectOptions {
  /** Shown in pg_stat_activity. @defaultValue the address's, else `tidegate` */
  readonly applicationName?: string | undefined
  /** @defaultValue the address's `connect_timeout`, else 10,000 */
  readonly connectTimeoutMs?: number | undefined
  /** A statement that takes longer fails with PG_BUSY. @defaultValue none */
  readonly statementTimeoutMs?: number | undefined
  /** Waiting longer for a lock fails with PG_BUSY. @defaultValue 30,000 */
  readonly lockTimeoutMs?: number | undefined
  /** A transaction that nobody continues for so long is ended by the server. @defaultValue none */
  readonly idleInTransactionTimeoutMs?: number | undefined
  /** Every transaction only reads. @defaultValue false */
  readonly readOnly?: boolean | undefined
  /** How int8 comes. @defaultValue bigint */
  readonly int8?: Int8 | undefined
  /** Schema of names without one. @defaultValue the server's */
  readonly searchPath?: string | undefined
}

/**
 * One connection of its own: session in UTC, durable commits, text as UTF-8.
 *
 * @throws PG_URL, PG_CONNECT (retryable), PG_GONE (retryable), PG_AUTH, PG_TLS, PG_NO_DATABASE
 */
export async function connect(url: string, options: ConnectOptions = {}): Promise<PostgresClient> {
  const where = maskUrl(url)
  const config = clientConfig(url, options)
  // Here, so that a program that only might need Postgres does not wait for the driver.
  const { default: pg } = await import('pg')
  const raw = new pg.Client(config)
  // Without a listener a lost connection would end the process; the next statement says it anyway.
  raw.on('error', () => undefined)
  try {
    await raw.connect()
    await raw.query(sessionSettings(options))
  } catch (error) {
    await raw.end().catch(() => undefined)
    throw toPostgresError(error, where)
  }
  return wrapClient(raw, where, async () => raw.end().catch(() => undefined))
}

export function clientConfig(url: string, options: ConnectOptions): ClientConfig {
  const address = parsePostgresUrl(url)
  const parse = valueParser(options.int8 ?? 'bigint')
  return {
    host: address.host,
    port: address.port,
    database: address.database,
    user: address.user,
    password: address.password,
    ssl: tlsOptions(address),
    application_name: options.applicationName ?? address.applicationName ?? 'tidegate',
    connectionTimeoutMillis: options.connectTimeoutMs ?? address.connectTimeoutMs ?? 10_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    client_encoding: 'UTF8',
    types: { getTypeParser: (oid: number) => parse(oid) } as CustomTypesConfig,
  }
}

/** One text with everything that a session needs; sent before the first statement of every connection. */
export function sessionSettings(options: ConnectOptions): string {
  return [
    "set timezone to 'UTC'",
    "set datestyle to 'ISO, YMD'",
    "set intervalstyle to 'iso_8601'",
    "set bytea_output to 'hex'",
    'set standard_conforming_strings to on',
    'set extra_float_digits to 1',
    `set lock_timeout to ${milliseconds(options.lockTimeoutMs ?? 30_000)}`,
    `set statement_timeout to ${milliseconds(options.statementTimeoutMs ?? 0)}`,
    `set idle_in_transaction_session_timeout to ${milliseconds(options.idleInTransactionTimeoutMs ?? 0)}`,
    ...(options.searchPath === undefined ? [] : [`set search_path to ${quoteIdentifier(options.searchPath)}`]),
    ...(options.readOnly === true ? ['set default_transaction_read_only to on'] : []),
    // What is stricter (remote_apply) stays as the server has it.
    `select set_config('synchronous_commit', 'on', false)
     where current_setting('synchronous_commit') in ('off', 'local', 'remote_write')`,
  ].join(';\n')
}

function milliseconds(value: number): string {
  return String(Math.max(0, Math.min(Math.round(value), 2_147_483_647)))
}

function tlsOptions(address: PostgresAddress): NonNullable<ClientConfig['ssl']> {
  if (address.tls === 'off') return false
  const ca = fileOf(address.rootCertificate)
  const options = {
    ...(ca === undefined ? {} : { ca }),
    ...optional('cert', fileOf(address.certificate)),
    ...optional('key', fileOf(address.key)),
  }
  // As libpq: without a certificate to trust, `require` encrypts and asks no further.
  if (address.tls === 'encrypt' && ca === undefined) return { ...options, rejectUnauthorized: false }
  if (address.tls === 'verify-full') return { ...options, rejectUnauthorized: true }
  return { ...options, rejectUnauthorized: true, checkServerIdentity: () => undefined }
}

function optional(key: string, value: string | undefined): Readonly<Record<string, string>> {
  return value === undefined ? {} : { [key]: value }
}

function fileOf(path: string | undefined): string | undefined {
  if (path === undefined) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new TidegateError('PG_TLS', `a certificate of the Postgres address cannot be read: ${messageOf(error)}`, {
      hint: 'Check sslrootcert, sslcert and sslkey.',
      dataNow: 'Nothing was changed.',
      cause: error,
    })
  }
}
