import { parseArgs } from 'node:util'
import { messageOf } from '@tidegate/core'

export interface DaemonArguments {
  readonly directory: string
  readonly environment: string | undefined
  readonly set: readonly string[]
  readonly host: string | undefined
  readonly port: number | undefined
  readonly logLevel: LogLevel
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

export type ReadArguments =
  | { readonly kind: 'ok'; readonly arguments: DaemonArguments }
  | { readonly kind: 'help' | 'version' }
  | { readonly kind: 'mistake'; readonly message: string }

export const USAGE = `tidegate-daemon: schedules, HTTP API, page and alerts of one project, until it is asked to stop

  -C, --directory DIR   folder with tidegate.yaml      TIDEGATE_DIRECTORY, else the current folder
      --env NAME        environment of the configuration         TIDEGATE_ENV
      --set KEY=VALUE   over the configuration; may be repeated
      --host ADDRESS    where to listen; anything but loopback needs a token   TIDEGATE_HOST
      --port NUMBER                                              TIDEGATE_PORT
      --log-level LEVEL debug, info, warn or error               TIDEGATE_LOG_LEVEL
  -V, --version
  -h, --help

One JSON line per event on stdout. SIGTERM: running work comes to a safe point first.
`

export function readArguments(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ReadArguments {
  let values: ReturnType<typeof parse>['values']
  try {
    values = parse(argv).values
  } catch (error) {
    return { kind: 'mistake', message: messageOf(error) }
  }
  if (values.help === true) return { kind: 'help' }
  if (values.version === true) return { kind: 'version' }
  const portText = values.port ?? blankless(env['TIDEGATE_PORT'])
  const port = portText === undefined ? undefined : /^\d{1,5}$/.test(portText) ? Number(portText) : Number.NaN
  if (port !== undefined && !(port <= 65_535))
    return { kind: 'mistake', message: `a port is a number up to 65535, not ${JSON.stringify(portText)}` }
  const level = values['log-level'] ?? blankless(env['TIDEGATE_LOG_LEVEL']) ?? 'info'
  const logLevel = LOG_LEVELS.find((known) => known === level)
  if (logLevel === undefined)
    return { kind: 'mistake', message: `--log-level is one of ${LOG_LEVELS.join(', ')}, not ${JSON.stringify(level)}` }
  return {
    kind: 'ok',
    arguments: {
      directory: values.directory ?? blankless(env['TIDEGATE_DIRECTORY']) ?? '.',
      environment: values.env ?? blankless(env['TIDEGATE_ENV']),
      set: values.set ?? [],
      host: values.host ?? blankless(env['TIDEGATE_HOST']),
      port,
      logLevel,
    },
  }
}

function parse(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    strict: true,
    allowPositionals: false,
    options: {
      directory: { type: 'string', short: 'C' },
      env: { type: 'string' },
      set: { type: 'string', multiple: true },
      host: { type: 'string' },
      port: { type: 'string' },
      'log-level': { type: 'string' },
      version: { type: 'boolean', short: 'V' },
      help: { type: 'boolean', short: 'h' },
    },
  })
}

/** A variable that is set to nothing says nothing. */
function blankless(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text
}
