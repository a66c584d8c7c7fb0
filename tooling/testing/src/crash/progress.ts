import { readFileSync } from 'node:fs'

/** What the whole matrix with 500 random kills may take, on two cores. */
export const LIMIT_MS: number = 30 * 60_000

export interface Costs {
  /** Of this process and of all it has waited for; engines whose parent was killed are missing. */
  readonly ownSeconds: number
  /** Of everything that ran on the machine meanwhile. */
  readonly machineSeconds: number
}

export interface Stopwatch {
  elapsedMs(): number
  costs(): Costs
}

export function startStopwatch(): Stopwatch {
  const startedAtMs = performance.now()
  const machine = machineSeconds()
  return {
    elapsedMs: () => performance.now() - startedAtMs,
    costs: () => ({ ownSeconds: ownSeconds(), machineSeconds: machineSeconds() - machine }),
  }
}

/** One line: how far it is, how long that took, and how long the rest will take if it is like what was played. */
export function progressLine(
  done: { readonly weight: number; readonly cells: number; readonly kills: number },
  all: { readonly weight: number; readonly cells: number; readonly kills: number },
  kept: number,
  watch: Stopwatch,
): string {
  const share = all.weight === 0 ? 1 : done.weight / all.weight
  const filled = Math.round(share * BAR)
  const played = done.weight - kept
  const leftMs = played <= 0 ? undefined : (watch.elapsedMs() / played) * (all.weight - done.weight)
  return [
    `[${'='.repeat(filled)}${' '.repeat(BAR - filled)}] ${done.cells}/${all.cells} cells, ${done.kills}/${all.kills} random kills`,
    `${minutes(watch.elapsedMs())} of ${minutes(LIMIT_MS)}`,
    `${watch.costs().ownSeconds.toFixed(0)} s of CPU`,
    ...(leftMs === undefined ? [] : [`about ${minutes(leftMs)} to go`]),
  ].join(' · ')
}

const BAR = 24

export function minutes(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`
}

function ownSeconds(): number {
  const { user, system } = process.cpuUsage()
  const fields = readFileSync('/proc/self/stat', 'latin1')
    .replace(/^.*\) /, '')
    .split(' ')
  // cutime and cstime, in ticks of 10 ms.
  return (user + system) / 1e6 + (Number(fields[13]) + Number(fields[14])) / 100
}

/** user, nice, system, irq, softirq of all cores. */
function machineSeconds(): number {
  const [, ...fields] = (readFileSync('/proc/stat', 'latin1').split('\n', 1)[0] ?? '').split(/\s+/)
  return [0, 1, 2, 5, 6].reduce((sum, at) => sum + Number(fields[at] ?? 0), 0) / 100
}
