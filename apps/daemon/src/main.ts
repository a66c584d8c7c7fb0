/**
 * The daemon's door: words and environment in, exit code out. Everything else is in @tidegate/server, which `tidegate serve`
 * calls, too.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { renderProblem } from '@tidegate/config'
import { isTidegateError, messageOf } from '@tidegate/core'
import { boundHeap, openDaemon, type Daemon } from '@tidegate/server'
import { readArguments, USAGE, type DaemonArguments } from './read-arguments.ts'

/** Exit codes: 0 ended on request, 1 failed, 2 a mistake in arguments or configuration. */
export async function main(argv: readonly string[]): Promise<void> {
  const read = readArguments(argv, process.env)
  switch (read.kind) {
    case 'help':
      process.stdout.write(USAGE)
      return
    case 'version':
      process.stdout.write(`${version()}\n`)
      return
    case 'mistake':
      process.stderr.write(`tidegate-daemon: ${read.message}\n\n${USAGE}`)
      process.exitCode = 2
      return
    case 'ok':
      process.exitCode = await run(read.arguments)
  }
}

async function run(given: DaemonArguments): Promise<number> {
  boundHeap()
  try {
    const opened = await openDaemon({
      directory: path.resolve(given.directory),
      environment: given.environment,
      set: given.set,
      host: given.host,
      port: given.port,
      version: version(),
      logLevel: given.logLevel,
      writeLog: (line) => process.stdout.write(line),
    })
    if (opened.kind === 'ok') return await untilAsked(opened.daemon)
    const lines =
      opened.kind === 'missing'
        ? [`there is no tidegate.yaml in ${given.directory}; name the project's folder with --directory`]
        : opened.problems.map((problem) => renderProblem(problem, { color: false }))
    process.stderr.write(`${lines.join('\n')}\n`)
    return 2
  } catch (error) {
    const lines = isTidegateError(error)
      ? [`${error.code}: ${error.message}`, ...(error.hint === undefined ? [] : [`hint: ${error.hint}`])]
      : [`INTERNAL: ${messageOf(error)}`]
    process.stderr.write(`${lines.join('\n')}\n`)
    return isTidegateError(error) && /^(?:CONFIG_|USAGE_|SERVER_|STATE_NEWER$)/.test(error.code) ? 2 : 1
  }
}

/** The first signal lets running work come to a safe point; the second ends the process, whatever it does. */
async function untilAsked(daemon: Daemon): Promise<number> {
  let isAsked = false
  const asked = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (isAsked) process.exit(signal === 'SIGINT' ? 130 : 143)
        isAsked = true
        resolve()
      })
    }
  })
  await asked
  await daemon.close()
  return 0
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
