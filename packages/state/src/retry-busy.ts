import { setTimeout as sleep } from 'node:timers/promises'
import { codeOf } from '@tidegate/core'

/**
 * Tries `work` until SQLite does not answer busy, for at most `timeoutMs`; then throws what it said last.
 *
 * SQLite's own busy handler sleeps in the thread and with it stops every timer of the process, lease renewals included.
 * This waits without blocking; `work` has to run with `busy_timeout = 0`.
 */
export async function retryBusy<T>(timeoutMs: number, work: () => T): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (let delayMs = 1; ; delayMs = Math.min(delayMs * 2, 25)) {
    try {
      return work()
    } catch (error) {
      const busy = codeOf(error)?.startsWith('SQLITE_BUSY') === true
      if (!busy || performance.now() >= deadline) throw error
      // The random part keeps waiting processes out of step.
      await sleep(delayMs + Math.random() * delayMs)
    }
  }
}
