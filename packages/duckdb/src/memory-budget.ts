import { readFileSync } from 'node:fs'
import os from 'node:os'

/**
 * The memory that engine and parent may use together: half of min(cgroup limit, RAM), unless the configuration says
 * otherwise (`limits.memory`).
 */
export function memoryBudgetBytes(configured?: number): number {
  if (configured !== undefined) return configured
  return Math.floor(Math.min(os.totalmem(), cgroupLimitBytes() ?? Infinity) / 2)
}

/** The limit of the container we run in (cgroup v2, then v1), or undefined where there is none. */
export function cgroupLimitBytes(): number | undefined {
  for (const file of ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes']) {
    try {
      const limit = Number(readFileSync(file, 'utf8').trim())
      // v1 says "no limit" by a number near 2^63.
      if (Number.isFinite(limit) && limit > 0 && limit < 2 ** 60) return limit
    } catch {
      // Not this kind of cgroup.
    }
  }
  return undefined
}
