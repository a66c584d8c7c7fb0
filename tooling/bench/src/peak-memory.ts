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

/** Milliseconds of CPU, user and system, that a process has used; null where the system does not tell. */
export function cpuMs(pid: number): number | null {
  try {
    // What follows the name, which may hold spaces and brackets: state is the 3rd field, utime the 14th, in ticks of 10 ms.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return 10 * (Number(fields[11]) + Number(fields[12]))
  } catch {
    return null
  }
}
