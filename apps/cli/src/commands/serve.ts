import { TidegateError } from '@tidegate/core'
import { boundHeap, openDaemon, type LogLevel } from '@tidegate/server'
import { problemsError, printProblems } from '../open.ts'
import type { CommandContext } from '../context.ts'
import { emit, renderLogLine } from '../render/index.ts'
import { untilAborted } from '../until-aborted.ts'

export interface ServeArgs {
  readonly host?: string
  readonly port?: number
}

/** The daemon, until a signal ends it: schedules, runs, alerts, API and page. Logs are on stderr, the address on stdout. */
export async function serve(args: ServeArgs, context: CommandContext): Promise<number> {
  const { directory, env, set, logLevel, logFormat, output } = context.options
  boundHeap()
  const opened = await openDaemon({
    directory,
    environment: env,
    set,
    host: args.host,
    port: args.port,
    version: context.version,
    logLevel: LEVELS[logLevel],
    writeLog: (line) => {
      if (logLevel !== 'silent') process.stderr.write(logFormat === 'json' ? line : renderLogLine(line))
    },
  })
  if (opened.kind === 'missing')
    throw new TidegateError('CONFIG_NOT_FOUND', `there is no tidegate.yaml in ${directory}`, {
      hint: 'Run `tidegate init` there, or name the folder with -C DIR.',
    })
  if (opened.kind === 'problems') {
    printProblems(opened.problems, context)
    throw problemsError(opened.problems)
  }
  const { daemon } = opened
  try {
    emit(
      output,
      { schemaVersion: 1, kind: 'serve', url: daemon.url, port: daemon.port },
      () =>
        `Tidegate: ${daemon.url}\nAPI: ${daemon.url}docs. Ctrl-C stops it; running work comes to a safe point first.`,
      context.stdout,
    )
    await untilAborted(context.signal)
    return 0
  } finally {
    await daemon.close()
  }
}

const LEVELS: Readonly<Record<CommandContext['options']['logLevel'], LogLevel>> = {
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
  silent: 'error',
}
