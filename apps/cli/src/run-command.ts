import { TidegateError, codeOf, isTidegateError, messageOf } from '@tidegate/core'
import { checkNumbers } from './check-numbers.ts'
import { nameDirectory } from './next-commands.ts'
import type { CommandModule } from './command-module.ts'
import { EXIT, type CommandContext, type GlobalOptions } from './context.ts'
import {
  createProgress,
  createStyle,
  renderError,
  streamWidth,
  type DiagnosticError,
  type Progress,
} from './render/index.ts'
import { isUsageCode } from './usage-codes.ts'

/** Loads and runs one command. Every way out of it is an exit code; what went wrong is on stderr. */
export async function runCommand(
  command: CommandModule,
  args: GlobalOptions & Readonly<Record<string, unknown>>,
  version: string,
): Promise<number> {
  const stop = new AbortController()
  const errorStyle = createStyle(process.stderr)
  const progress = createProgress({
    stream: process.stderr,
    format: args.logFormat,
    quiet: args.logLevel === 'warn' || args.logLevel === 'error' || args.logLevel === 'silent',
    style: errorStyle,
  })
  const signals = listenForSignals(stop, progress)
  const context: CommandContext = {
    options: args,
    stdout:
      args.output === 'table'
        ? { write: (text) => process.stdout.write(nameDirectory(text, args.directory, process.cwd())) }
        : process.stdout,
    style: args.output === 'table' ? createStyle(process.stdout) : createStyle({ isTTY: false }, { env: {} }),
    progress,
    width: streamWidth(process.stdout),
    nowMs: () => Date.now(),
    signal: stop.signal,
    version,
  }
  try {
    checkNumbers(args)
    const run = await command.load()
    const code = await run(args, context)
    return signals.received === undefined ? code : signals.exitCode()
  } catch (error) {
    progress.close()
    if (signals.received !== undefined) return signals.exitCode()
    const failure = failureOf(error)
    const stack = args.debug && error instanceof Error ? `\n${error.stack ?? ''}${causeOf(error)}` : ''
    if (args.logFormat === 'json') {
      const { message, ...fields } = failure
      progress.message('error', message, { ...fields, event: 'error', ...(stack === '' ? {} : { stack }) })
    } else process.stderr.write(`${renderError(failure, errorStyle)}${stack}\n`)
    return exitCodeOfError(error)
  } finally {
    progress.close()
    signals.stop()
  }
}

/** Three ways out: your mistake (2), something outside (1, 5), our bug (1, with a request to report it). */
function exitCodeOfError(error: unknown): number {
  const code = codeOf(error) ?? ''
  if (isUsageCode(code)) return EXIT.usage
  if (code === 'LEASE_HELD') return EXIT.locked
  return EXIT.failed
}

function failureOf(error: unknown): DiagnosticError {
  if (isTidegateError(error)) {
    return { code: error.code, message: error.message, hint: error.hint, dataNow: error.dataNow }
  }
  const system = codeOf(error)
  if (system !== undefined && /^E[A-Z]+$/.test(system))
    return { code: `SYSTEM_${system}`, message: messageOf(error), hint: systemHint(system) }
  return {
    code: 'INTERNAL',
    message: messageOf(error),
    hint: 'This is a bug of ours. Run it again with --debug and report what it prints.',
  }
}

function systemHint(code: string): string {
  switch (code) {
    case 'ENOSPC':
      return 'The disk is full. Free space and run again; nothing was half-written.'
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'Tidegate may not write there. Check the owner and the mode of the folder.'
    default:
      return 'Run it again with --debug to see where this came from.'
  }
}

function causeOf(error: Error): string {
  return error.cause instanceof Error
    ? `\ncaused by: ${error.cause.stack ?? error.cause.message}${causeOf(error.cause)}`
    : ''
}

interface SignalWatch {
  readonly received: 'SIGINT' | 'SIGTERM' | undefined
  exitCode(): number
  stop(): void
}

/** The first signal asks the command to stop at the next safe point; the second ends the process, whatever it does. */
function listenForSignals(stop: AbortController, progress: Progress): SignalWatch {
  let received: SignalWatch['received']
  const onSignal = (signal: 'SIGINT' | 'SIGTERM'): void => {
    if (received !== undefined) return endNow(signal, progress)
    received = signal
    progress.message('warn', 'stopping; what is committed stays, the rest continues with the next run')
    stop.abort(new TidegateError('CANCELLED', 'stopped on request', { retryable: true }))
  }
  const onInterrupt = (): void => onSignal('SIGINT')
  const onTerminate = (): void => onSignal('SIGTERM')
  process.on('SIGINT', onInterrupt)
  process.on('SIGTERM', onTerminate)
  return {
    get received() {
      return received
    },
    exitCode: () => (received === 'SIGTERM' ? 143 : 130),
    stop() {
      process.off('SIGINT', onInterrupt)
      process.off('SIGTERM', onTerminate)
    },
  }
}

/**
 * By the signal's own effect: `process.exit` waits for native code, which may be what hangs. The first process of a
 * container is shielded from its own signals; it comes past that line and exits.
 */
function endNow(signal: 'SIGINT' | 'SIGTERM', progress: Progress): never {
  progress.close()
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
  process.exit(signal === 'SIGINT' ? 130 : 143)
}
