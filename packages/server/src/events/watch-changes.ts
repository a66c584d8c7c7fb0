import { createHash, randomUUID } from 'node:crypto'

/** Whether the state moved, told by a short text that differs then. */
export interface ChangeWatch {
  /** As it is now, at most `pollMs` old. */
  current(): Promise<string>
  /** Calls when it moved. Returns what ends it. The state is asked only while somebody listens. */
  subscribe(onChange: (id: string) => void): () => void
  close(): void
}

export function watchChanges(readMarker: () => Promise<string>, pollMs: number): ChangeWatch {
  // Markers of two opened states cannot be compared: who comes back to another server has missed something.
  const server = randomUUID()
  const listeners = new Set<(id: string) => void>()
  let known: { readonly id: string; readonly at: number } | undefined
  let asking: Promise<string> | undefined
  let timer: ReturnType<typeof setInterval> | undefined

  const ask = async (): Promise<string> => {
    const id = createHash('sha256')
      .update(`${server} ${await readMarker()}`)
      .digest('hex')
      .slice(0, 16)
    const hasMoved = known !== undefined && known.id !== id
    known = { id, at: performance.now() }
    if (hasMoved) for (const listener of listeners) listener(id)
    return id
  }
  const refresh = (): Promise<string> => (asking ??= ask().finally(() => (asking = undefined)))
  // A state that is busy for a moment is asked again at the next turn.
  const poll = (): void => void refresh().catch(() => {})
  const stop = (): void => {
    clearInterval(timer)
    timer = undefined
  }
  return {
    current: async () => (known !== undefined && performance.now() - known.at < pollMs ? known.id : refresh()),
    subscribe(onChange) {
      listeners.add(onChange)
      timer ??= setInterval(poll, pollMs)
      return () => {
        listeners.delete(onChange)
        if (listeners.size === 0) stop()
      }
    },
    close() {
      listeners.clear()
      stop()
    },
  }
}
