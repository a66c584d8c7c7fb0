import { statSync } from 'node:fs'
import type { CommandContext } from './context.ts'
import type { Stage } from './render/index.ts'

export interface WorkTracker {
  /** Does the work on one file; what it has read so far is shown. */
  file<Result>(absolute: string, work: (onBytes: (bytes: number) => void) => Promise<Result>): Promise<Result>
  end(summary?: string): void
}

/** What is over within a second needs no bar. */
const SHOWN_AFTER_MS = 1000

/** Files and bytes done so far, of files at work, too. Nothing is shown of what is over at once. */
export function trackWork(
  name: string,
  context: CommandContext,
  total: { files?: number; bytes?: number } = {},
): WorkTracker {
  const startedAtMs = context.nowMs()
  let stage: Stage | undefined
  let files = 0
  let bytes = 0
  let isOver = false
  const working = new Map<symbol, number>()
  const show = (): void => {
    if (isOver || (stage === undefined && context.nowMs() - startedAtMs < SHOWN_AFTER_MS)) return
    stage ??= context.progress.stage(name, total)
    let done = bytes
    for (const some of working.values()) done += some
    stage.update({ files, bytes: done })
  }
  const timer = setTimeout(show, SHOWN_AFTER_MS)
  timer.unref()
  return {
    async file(absolute, work) {
      const key = Symbol(absolute)
      const sizeBytes = statSync(absolute, { throwIfNoEntry: false })?.size ?? 0
      working.set(key, 0)
      try {
        return await work((some) => {
          working.set(key, Math.min(some, sizeBytes))
          show()
        })
      } finally {
        working.delete(key)
        files++
        bytes += sizeBytes
        show()
      }
    },
    end(summary) {
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      stage?.end(summary)
    },
  }
}
