/**
 * Works on up to `atOnce` items at the same time and hands on what comes out in the order of what went in. Reads ahead no
 * further than twice that many. `slot` (0 … atOnce−1) is never used by two at the same time.
 */
export async function* mapOrdered<Item, Result>(
  items: AsyncIterable<Item>,
  atOnce: number,
  work: (item: Item, slot: number) => Promise<Result>,
): AsyncGenerator<Result> {
  const free = Array.from({ length: atOnce }, (_, slot) => slot)
  const queue: Promise<Result>[] = []
  const source = items[Symbol.asyncIterator]()
  let isOver = false
  try {
    for (;;) {
      while (!isOver && free.length > 0 && queue.length < 2 * atOnce) {
        const next = await source.next()
        if (next.done === true) {
          isOver = true
          break
        }
        const slot = free.pop() as number
        const result = work(next.value, slot).finally(() => free.push(slot))
        // Whoever waits for it gets the error; until then nobody does.
        result.catch(() => {})
        queue.push(result)
      }
      const first = queue.shift()
      if (first === undefined) return
      yield await first
    }
  } finally {
    await Promise.allSettled(queue)
    await source.return?.()
  }
}
