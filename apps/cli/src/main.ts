/**
 * The command line's door: parses words, loads the one command that was asked for, turns its outcome into an exit code.
 * Nothing here imports an engine: `--version` and `--help` answer from this file and the command table.
 */
import { readFileSync } from 'node:fs'
import type { GlobalOptions } from './context.ts'

/** Runs the command line and sets `process.exitCode`. */
export async function main(argv: readonly string[]): Promise<void> {
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
    process.stdout.write(`${version()}\n`)
    return
  }
  // A reader that went away (`tidegate … | head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  const { parseCommandLine } = await import('./parse-command-line.ts')
  const parsed = await parseCommandLine(argv, version())
  if (parsed.kind === 'done') {
    process.exitCode = parsed.exitCode
    return
  }
  const { runCommand } = await import('./run-command.ts')
  process.exitCode = await runCommand(parsed.command, parsed.args as GlobalOptions & Record<string, unknown>, version())
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
