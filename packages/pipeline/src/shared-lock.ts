/** Work that goes on side by side, and work that must have the place to itself. First come, first served. */
export interface SharedLock {
  /** Runs `work` when its turn has come. Must not be called from within such work. */
  run<Result>(how: 'beside-others' | 'alone', work: () => Promise<Result>): Promise<Result>
}

export function sharedLock(): SharedLock {
  const waiting: { readonly alone: boolean; readonly enter: () => void }[] = []
  let inside = 0
  let isAlone = false

  function admit(): void {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      if (isAlone || (next.alone && inside > 0)) return
      waiting.shift()
      inside += 1
      isAlone = next.alone
      next.enter()
    }
  }

  return {
    async run(how, work) {
      await new Promise<void>((resolve) => {
        waiting.push({ alone: how === 'alone', enter: resolve })
        admit()
      })
      try {
        return await work()
      } finally {
        inside -= 1
        isAlone = false
        admit()
      }
    },
  }
}
