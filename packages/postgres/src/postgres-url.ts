import { TidegateError } from '@tidegate/core'

/** What a `postgres://` address says. */
export interface PostgresAddress {
  /** Host name, address, or the folder of a Unix socket (begins with `/`). */
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string | undefined
  readonly password: string | undefined
  readonly tls: TlsMode
  /** File with the certificates to trust. */
  readonly rootCertificate: string | undefined
  readonly certificate: string | undefined
  readonly key: string | undefined
  readonly applicationName: string | undefined
  readonly connectTimeoutMs: number | undefined
  /** `?schema=`: ours, the driver does not know it. */
  readonly schema: string | undefined
}

/** `off` also for `sslmode=prefer` and `allow`: what falls back to plain text protects nothing. */
export type TlsMode = 'off' | 'encrypt' | 'verify-ca' | 'verify-full'

/** True for `postgres://…` and `postgresql://…`. */
export function isPostgresUrl(text: string): boolean {
  return /^postgres(?:ql)?:\/\//i.test(text)
}

/**
 * Reads an address as libpq does: `postgres://user:password@host:port/database?sslmode=…`, `?host=/folder` for a socket.
 * What it does not say comes from PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD and PGSSLMODE.
 *
 * @throws PG_URL with the address masked
 */
export function parsePostgresUrl(
  url: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): PostgresAddress {
  const parsed = URL.canParse(url) && isPostgresUrl(url) ? new URL(url) : undefined
  if (parsed === undefined) throw badUrl(url, 'it is not postgres://user@host:port/database')
  const parameter = (name: string): string | undefined => parsed.searchParams.get(name) ?? undefined
  const user = decoded(url, parsed.username) || parameter('user') || env['PGUSER'] || undefined
  const host =
    parameter('host') || decoded(url, parsed.hostname.replace(/^\[(.*)\]$/, '$1')) || env['PGHOST'] || 'localhost'
  const port = Number(parsed.port || parameter('port') || env['PGPORT'] || DEFAULT_PORT)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw badUrl(url, 'its port is not 1 to 65535')
  if (host.includes(',')) throw badUrl(url, 'it names several hosts')
  const database = decoded(url, parsed.pathname.replace(/^\//, '')) || parameter('dbname') || env['PGDATABASE'] || user
  if (database === undefined) throw badUrl(url, 'it names no database')
  return {
    host,
    port,
    database,
    user,
    password: decoded(url, parsed.password) || parameter('password') || env['PGPASSWORD'] || undefined,
    tls: tlsMode(url, parameter('sslmode') ?? env['PGSSLMODE']),
    rootCertificate: parameter('sslrootcert'),
    certificate: parameter('sslcert'),
    key: parameter('sslkey'),
    applicationName: parameter('application_name'),
    connectTimeoutMs: seconds(url, parameter('connect_timeout')),
    schema: parameter('schema'),
  }
}

/** The address for messages: host, port, database and schema. No user, no password, no other parameter. */
export function maskUrl(url: string): string {
  try {
    const address = parsePostgresUrl(url)
    return `${serverOf(address)}${address.schema === undefined ? '' : `?schema=${encodeURIComponent(address.schema)}`}`
  } catch {
    return 'postgres://***'
  }
}

/** Identifies a table for ever and holds no secret: `postgres://host:port/database#schema.table`. */
export function locationOf(url: string, schema: string, table: string): string {
  return `${serverOf(parsePostgresUrl(url))}#${schema}.${table}`
}

function serverOf(address: PostgresAddress): string {
  const { host, port, database } = address
  const name = host.startsWith('/') ? encodeURIComponent(host) : host.includes(':') ? `[${host}]` : host.toLowerCase()
  return `postgres://${name}:${String(port)}/${encodeURIComponent(database)}`
}

const DEFAULT_PORT = 5432

function decoded(url: string, text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw badUrl(url, 'a % in it is not followed by two hexadecimal digits')
  }
}

function tlsMode(url: string, mode: string | undefined): TlsMode {
  const known = TLS_MODES[mode ?? 'disable']
  if (known === undefined) throw badUrl(url, 'its sslmode is unknown')
  return known
}

const TLS_MODES: Readonly<Record<string, TlsMode>> = {
  disable: 'off',
  allow: 'off',
  prefer: 'off',
  require: 'encrypt',
  'no-verify': 'encrypt',
  'verify-ca': 'verify-ca',
  'verify-full': 'verify-full',
}

function seconds(url: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,6}$/.test(text)) throw badUrl(url, 'its connect_timeout is not a number of seconds')
  return text === '0' ? undefined : Number(text) * 1000
}

function badUrl(url: string, why: string): TidegateError {
  const shown = /^[a-z]+:\/\//i.exec(url)?.[0] ?? ''
  return new TidegateError('PG_URL', `the address ${shown}*** cannot be used: ${why}`, {
    hint: 'Write postgres://user:password@host:port/database, with special characters of the password percent-encoded.',
    dataNow: 'Nothing was changed.',
  })
}
