import { isTidegateError } from '@tidegate/core'
import type { State } from './state.ts'

/** A state that was opened once. */
export interface OpenedState {
  readonly state: State
  isOutdated(): boolean
}

interface Held extends OpenedState {
  /** Calls under way. */
  calls: number
  retired: boolean
}

/**
 * A state that is read for long: when it is asked for its marker, and another database is at its path than the one that is
 * open (it was not there before, or was made anew), that one is opened, and all that is asked from then on comes from there.
 * Calls under way end on the one they began with.
 */
export async function followState(open: () => Promise<OpenedState>): Promise<State> {
  let current: Held = { ...(await open()), calls: 0, retired: false }
  let generation = 1
  let turning: Promise<void> | undefined

  const turn = async (): Promise<void> => {
    let next: OpenedState
    try {
      next = await open()
    } catch (error) {
      // It is being made at this moment: the next time.
      if (isTidegateError(error) && error.retryable) return
      throw error
    }
    const old = current
    current = { ...next, calls: 0, retired: false }
    generation++
    old.retired = true
    if (old.calls === 0) await old.state.close()
  }
  const settle = (held: Held): void => {
    held.calls--
    if (held.retired && held.calls === 0) void held.state.close().catch(() => {})
  }
  const call =
    (name: string) =>
    (...words: readonly unknown[]): unknown => {
      const held = current
      const method: unknown = Reflect.get(held.state, name)
      const result: unknown = Reflect.apply(method as () => unknown, undefined, words)
      if (!(result instanceof Promise)) return result
      held.calls++
      return result.finally(() => settle(held))
    }
  const followed = Object.fromEntries(
    Object.entries(current.state).map(([name, value]) => [name, typeof value === 'function' ? call(name) : value]),
  ) as unknown as State
  const ownMarker = followed.changeMarker
  return {
    ...followed,
    async changeMarker() {
      if (turning === undefined && current.isOutdated()) turning = turn().finally(() => (turning = undefined))
      await turning
      return `${generation} ${await ownMarker()}`
    },
    close: async () => {
      await turning
      await current.state.close()
    },
  }
}
