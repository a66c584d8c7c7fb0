import type { CommandContext } from '../context.ts'
import { createProgress, plainStyle, type OutputFormat } from '../render/index.ts'

/** A context for a command that is called in this process; what it writes is collected. */
export function plainContext(
  directory: string,
  output: OutputFormat = 'json',
): CommandContext & { readonly written: () => string } {
  let text = ''
  return {
    options: { directory, env: undefined, set: [], output, logFormat: 'text', logLevel: 'silent', debug: false },
    stdout: {
      write(part) {
        text += part
      },
    },
    style: plainStyle,
    progress: createProgress({ stream: { write: () => {} }, quiet: true }),
    width: Number.POSITIVE_INFINITY,
    nowMs: () => Date.now(),
    signal: new AbortController().signal,
    version: '0',
    written: () => text,
  }
}
