import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import type { LeaseOwner } from '@tidegate/core'

/**
 * This process as the owner of a lease: `host:pid:process start time`.
 *
 * The start time is in clock ticks since boot where `/proc` tells it, in Unix seconds elsewhere.
 */
export function currentOwner(what: string): LeaseOwner {
  return { id: CURRENT_ID, what }
}

/**
 * Whether the process behind an owner id still runs. `unknown` for other hosts and where the process id is in use but
 * its start time cannot be compared.
 *
 * On Linux the start time is compared, so a process id that was given out again is recognised. Elsewhere only a free
 * process id proves a death.
 */
export function isOwnerAlive(ownerId: string): boolean | 'unknown' {
  const match = /^(?<host>[^]*):(?<pid>\d{1,10}):(?<start>\d+)$/.exec(ownerId)
  if (match?.groups?.['host'] !== hostname()) return 'unknown'
  const pid = Number(match.groups['pid'])
  if (pid === 0) return 'unknown'
  const process = readProcess(pid)
  if (process !== undefined) return process.state === 'running' && process.startTime === match.groups['start']
  return processExists(pid) ? 'unknown' : false
}

const CURRENT_ID = `${hostname()}:${String(process.pid)}:${startTimeOfThisProcess()}`

function startTimeOfThisProcess(): string {
  return readProcess(process.pid)?.startTime ?? String(Math.round(Date.now() / 1000 - process.uptime()))
}

/** Undefined where there is no /proc, or it hides this process. */
function readProcess(pid: number): { readonly state: 'running' | 'dead'; readonly startTime: string } | undefined {
  let text: string
  try {
    text = readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
  } catch {
    return undefined
  }
  // The program's name is in parentheses and may hold anything, parentheses too.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const state = fields[0]
  const startTime = fields[19]
  if (state === undefined || startTime === undefined || !/^\d+$/.test(startTime)) return undefined
  return { state: state === 'Z' || state === 'X' ? 'dead' : 'running', startTime }
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it exists and is not ours.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}
