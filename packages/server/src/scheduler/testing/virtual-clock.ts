import { setImmediate as pause } from 'node:timers/promises'

/** A clock that stands still until it is told, with sleeps that end by it. */
export interface VirtualClock {
  readonly nowMs: () => number
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  /** Lets the time pass from sleep to sleep, and everything that is due at each moment happen. */
  run(ms: number): Promise<void>
  /** As somebody who sets a clock, or a machine that slept: nothing happens in between. Set back, sleeps last as long as before. */
  jump(ms: number): Promise<void>
}

export function virtualClock(startMs: number): VirtualClock {
  let nowMs = startMs
  const sleepers = new Set<{ untilMs: number; readonly wake: () => void }>()

  async function settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) await pause()
  }

  async function wakeDue(): Promise<void> {
    for (const sleeper of sleepers) if (sleeper.untilMs <= nowMs) sleeper.wake()
    await settle()
  }

  return {
    nowMs: () => nowMs,
    sleep: async (ms, signal) =>
      new Promise((resolve) => {
        const sleeper = { untilMs: nowMs + ms, wake: end }
        function end(): void {
          sleepers.delete(sleeper)
          resolve()
        }
        sleepers.add(sleeper)
        if (signal.aborted) end()
        else signal.addEventListener('abort', end, { once: true })
      }),
    async run(ms) {
      const untilMs = nowMs + ms
      await settle()
      for (;;) {
        const next = Math.min(...[...sleepers].map((sleeper) => sleeper.untilMs))
        if (next > untilMs) break
        nowMs = Math.max(nowMs, next)
        await wakeDue()
      }
      nowMs = untilMs
      await settle()
    },
    async jump(ms) {
      nowMs += ms
      for (const sleeper of sleepers) sleeper.untilMs += Math.min(0, ms)
      await wakeDue()
    },
  }
}
