import { TidegateError } from '@tidegate/core'
import { startThread, type StateThread } from './start-thread.ts'
import type { ThreadOptions } from './thread-protocol.ts'

export interface Slot {
  readonly live: () => Promise<StateThread>
  readonly close: () => Promise<void>
}

/** A thread that is started when it is needed, and again after it ended. */
export function openSlot(options: ThreadOptions): Slot {
  let current: Promise<StateThread> | undefined
  let isClosed = false
  return {
    async live() {
      if (isClosed) throw closed()
      if (current !== undefined) return current
      const forget = (): void => {
        if (current === starting) current = undefined
      }
      const starting = startThread(options, forget)
      starting.catch(forget)
      current = starting
      return starting
    },
    async close() {
      if (isClosed) return
      isClosed = true
      const thread = await current?.catch(() => undefined)
      if (thread === undefined) return
      try {
        await thread.idle()
        await thread.call('close', [])
      } finally {
        await thread.stop()
      }
    },
  }
}

function closed(): TidegateError {
  return new TidegateError('STATE_CLOSED', 'the state database was closed', {
    hint: 'Nothing is asked of it after that.',
    dataNow: 'Nothing of this step was written.',
  })
}
