/**
 * The configuration file of a daemon that runs: who edits it sees the edit in force without a restart, and a mistake in it
 * changes nothing.
 *
 *   (1) A file is read when it was the same for a while, so that nobody reads one that is being written.     [look]
 *   (2) What has mistakes is said once, and what was in force stays so.                                        [look]
 *   (3) The state and the listener are those that the daemon was started with; an edit of them is said.        [take]
 */
import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { ConfigResult } from '@tidegate/config'
import type { Config } from '@tidegate/core'
import type { Services } from '../services.ts'
import { entriesInForce } from './entries-in-force.ts'

export type LoadedConfig = Extract<ConfigResult, { readonly kind: 'ok' }>

export interface ConfigFile {
  /** What the file says, without ingestions of the state. The same object until an edit is in force. */
  config(): Config
  /** Of a source of the file, secrets masked. */
  readonly entry: Services['fileEntry']
  /** True: an edit is in force now. */
  look(): Promise<boolean>
}

export interface ConfigFileOptions {
  readonly first: LoadedConfig
  /** Absolute folder of the file. */
  readonly directory: string
  readonly read: () => Promise<ConfigResult>
  /** As the daemon was started, over what the file says. */
  readonly server: Config['server']
  readonly report: (event: ConfigFileEvent) => void
  /** How long an edit must be the last one. @defaultValue 1000 */
  readonly settleMs?: number | undefined
}

export type ConfigFileEvent =
  | { readonly kind: 'read'; readonly sources: number }
  /** It stays as it was. */
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'warning'; readonly message: string }

export async function openConfigFile(options: ConfigFileOptions): Promise<ConfigFile> {
  const { directory, server, report, settleMs = 1000 } = options
  const startedWith = options.first.config
  let config: Config = { ...startedWith, server }
  let entries = entriesInForce(options.first)
  let known = await markOf(directory)
  let seen = { mark: known, atMs: 0 }

  async function look(): Promise<boolean> {
    const mark = await markOf(directory)
    if (mark !== seen.mark) seen = { mark, atMs: performance.now() }
    if (mark === known || performance.now() - seen.atMs < settleMs) return false
    known = mark
    const read = await options.read()
    if (read.kind === 'ok') return take(read)
    const [first] = read.kind === 'problems' ? read.problems : []
    report({ kind: 'refused', message: first === undefined ? 'the file is gone' : `${first.code}: ${first.message}` })
    return false
  }

  function take(read: LoadedConfig): boolean {
    for (const { message } of read.warnings) report({ kind: 'warning', message })
    if (read.config.state !== startedWith.state || differs(read.config.server, startedWith.server))
      report({ kind: 'warning', message: '`state` and `server` are in force as they were when the daemon was started' })
    config = { ...read.config, state: startedWith.state, server }
    entries = entriesInForce(read)
    report({ kind: 'read', sources: config.sources.length })
    return true
  }

  return { config: () => config, entry: (source) => entries.get(source), look }
}

const FILES = ['tidegate.yaml', 'tidegate.yml', 'tidegate.json', '.env']

/** Changes with each edit, also with one of the same length, and with another file under the name. */
async function markOf(directory: string): Promise<string> {
  const marks = FILES.map(async (name) => {
    const found = await stat(path.join(directory, name), { bigint: true }).catch(() => undefined)
    return found === undefined ? '-' : `${found.ino} ${found.mtimeNs} ${found.size}`
  })
  return (await Promise.all(marks)).join(' ')
}

function differs(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) !== JSON.stringify(other)
}
