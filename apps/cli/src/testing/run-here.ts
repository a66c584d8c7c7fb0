/** A command in this process, for tests whose point is not the process: no start, same words, same answer. */
import path from 'node:path'
import { codeOf, messageOf } from '@tidegate/core'
import type { OutputFormat } from '../render/index.ts'
import { parseCommandLine } from '../parse-command-line.ts'
import { isUsageCode } from '../usage-codes.ts'
import { plainContext } from './plain-context.ts'
import type { CliResult, Json } from './run-cli.ts'

/** What a command throws is on `stderr`, as its code and message. Words that cannot be parsed need `runCli`. */
export async function runHere(
  args: readonly string[],
  { cwd, signal }: { readonly cwd: string; readonly signal?: AbortSignal },
): Promise<CliResult> {
  const parsed = await parseCommandLine(args, '0')
  if (parsed.kind === 'done') throw new Error(`tidegate ${args.join(' ')} is no command that can run`)
  const directory = path.resolve(cwd, path.relative(process.cwd(), String(parsed.args['directory'])))
  const plain = plainContext(directory, parsed.args['output'] as OutputFormat)
  const context = signal === undefined ? plain : { ...plain, signal }
  try {
    const run = await parsed.command.load()
    const exitCode = await run(parsed.args, context)
    return { exitCode, stdout: plain.written(), stderr: '' }
  } catch (error) {
    const code = codeOf(error) ?? ''
    return { exitCode: isUsageCode(code) ? 2 : 1, stdout: plain.written(), stderr: `${code}: ${messageOf(error)}` }
  }
}

export async function runJsonHere(
  args: readonly string[],
  options: { readonly cwd: string },
): Promise<{ readonly exitCode: number; readonly json: Json; readonly stderr: string }> {
  const { exitCode, stdout, stderr } = await runHere([...args, '--output', 'json'], options)
  return { exitCode, json: JSON.parse(stdout) as Json, stderr }
}
