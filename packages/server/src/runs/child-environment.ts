/**
 * What the process of an attempt gets of the daemon's environment: what programs need to run, what storage, databases and
 * tracing are configured by, and the variables that the configuration names. Nothing else: what the daemon was started with
 * may hold secrets of others.
 */
export function childEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  configText: string,
): Record<string, string> {
  const named = new Set([...configText.matchAll(/\$\{\s*([A-Za-z_][A-Za-z0-9_]*)/g)].map(([, name]) => name))
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && (named.has(entry[0]) || isCommon(entry[0])),
  )
  return Object.fromEntries(kept)
}

const COMMON: ReadonlySet<string> = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'TZ',
  'TMPDIR',
  'TMP',
  'TEMP',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'LD_LIBRARY_PATH',
  'DYLD_LIBRARY_PATH',
  'SYSTEMROOT',
])

/** By how they begin: the reader of the configuration, Node, locales, Postgres, the clouds, OpenTelemetry. */
const COMMON_PREFIXES = ['TIDEGATE_', 'NODE_', 'LC_', 'XDG_', 'PG', 'AWS_', 'AZURE_', 'GOOGLE_', 'OTEL_']

function isCommon(name: string): boolean {
  // The daemon's own: its runs have no use for them.
  if (name === 'TIDEGATE_TOKEN' || name === 'NODE_CHANNEL_FD' || name === 'NODE_UNIQUE_ID') return false
  return COMMON.has(name) || COMMON_PREFIXES.some((prefix) => name.startsWith(prefix))
}
