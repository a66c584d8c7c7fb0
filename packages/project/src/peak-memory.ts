import { readFileSync } from 'node:fs'

/**
 * Highest resident bytes of this process and of the engine's so far. They need not have been at the same time, so this is an
 * upper bound. Undefined where an engine runs and its system does not tell (other than Linux).
 *
 * @param engine process id, undefined where none runs
 */
export function peakMemoryBytes(engine: number | undefined): number | undefined {
  const own = process.resourceUsage().maxRSS * 1024
  if (engine === undefined) return own
  const engines = highWaterBytes(engine)
  return engines === undefined ? undefined : own + engines
}

function highWaterBytes(pid: number): number | undefined {
  try {
    const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kib === undefined ? undefined : Number(kib) * 1024
  } catch {
    return undefined
  }
}
