import type { Progress, Style, OutputFormat } from './render/index.ts'

/** Options that every command takes. */
export interface GlobalOptions {
  /** Absolute. */
  readonly directory: string
  readonly env: string | undefined
  readonly set: readonly string[]
  readonly output: OutputFormat
  readonly logFormat: 'text' | 'json'
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  readonly debug: boolean
}

/** What a command gets from the door. */
export interface CommandContext {
  readonly options: GlobalOptions
  readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean | undefined; readonly columns?: number }
  readonly style: Style
  readonly progress: Progress
  /** Cells per line for tables. */
  readonly width: number
  readonly nowMs: () => number
  /** Aborted by Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal
  readonly version: string
}

/** A command: takes its own arguments, writes its result to stdout, returns the exit code. */
export type Command<Args = Readonly<Record<string, unknown>>> = (args: Args, context: CommandContext) => Promise<number>

export const EXIT = { ok: 0, failed: 1, usage: 2, gate: 3, partial: 4, locked: 5 } as const
