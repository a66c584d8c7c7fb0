import type { Options, PositionalOptions } from 'yargs'
import type { Command } from './context.ts'

/** One command as the table knows it; its code is loaded when it is run. */
export interface CommandModule {
  readonly command: string | readonly string[]
  readonly describe: string
  readonly options: Readonly<Record<string, Options>>
  readonly positionals?: Readonly<Record<string, PositionalOptions & { readonly choices?: readonly string[] }>>
  readonly examples?: readonly (readonly [string, string])[]
  readonly load: () => Promise<Command>
}

/** An option of several commands. */
export const dryRun: Options = { type: 'boolean', default: false, describe: 'print the plan, change nothing' }
