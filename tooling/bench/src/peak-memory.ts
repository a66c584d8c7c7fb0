import { readFileSync } from 'node:fs'

/** The largest resident set a process had so far; null where the system does not tell (it is Linux's /proc that does). */
export function peakMemoryBytes(pid: number): number | null {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kilobytes === undefined ? null : Number(kilobytes) * 1024
  } catch {
    return pid === process.pid ? process.resourceUsage().maxRSS * 1024 : null
  }
}
