import { expect, test } from 'vitest'
import { mapOrdered } from './map-ordered.ts'

async function* numbers(count: number, seen: number[] = []): AsyncGenerator<number> {
  for (let index = 0; index < count; index++) {
    seen.push(index)
    yield index
  }
}

const wait = async (ms: number): Promise<void> => await new Promise((resolve) => setTimeout(resolve, ms))

test('results come in order, whoever is first; a slot works on one item at a time', async () => {
  const busy = new Set<number>()
  let most = 0
  const results: number[] = []
  const work = async (item: number, slot: number): Promise<number> => {
    expect(busy.has(slot)).toBe(false)
    busy.add(slot)
    most = Math.max(most, busy.size)
    await wait(item % 3 === 0 ? 6 : 1)
    busy.delete(slot)
    return item * 10
  }
  for await (const result of mapOrdered(numbers(20), 3, work)) results.push(result)
  expect(results).toEqual(Array.from({ length: 20 }, (_, index) => index * 10))
  expect(most).toBe(3)
})

test('while the first is slow no more than twice as many as there are slots are read ahead', async () => {
  const seen: number[] = []
  const results = mapOrdered(numbers(1000, seen), 2, async (item) => {
    if (item === 0) await wait(30)
    return item
  })
  await results.next()
  expect(seen.length).toBeLessThanOrEqual(5)
  await results.return(undefined)
})

test('an error comes where its item would, after those before it, and ends the work', async () => {
  const results: number[] = []
  const work = async (item: number): Promise<number> => {
    if (item === 2) throw new Error('two')
    await wait(3)
    return item
  }
  await expect(async () => {
    for await (const result of mapOrdered(numbers(100), 4, work)) results.push(result)
  }).rejects.toThrow('two')
  expect(results).toEqual([0, 1])
})
