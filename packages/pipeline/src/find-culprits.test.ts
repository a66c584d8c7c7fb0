import { describe, expect, test } from 'vitest'
import { findCulprits } from './find-culprits.ts'

/** What is found among 0…size−1, and how many attempts it took. */
async function search(size: number, fails: (files: readonly number[]) => boolean): Promise<[number[], number]> {
  let attempts = 0
  const found = await findCulprits(
    Array.from({ length: size }, (_, index) => index),
    async (files) => {
      attempts += 1
      return fails(files) ? `broken: ${files.join(' ')}` : undefined
    },
  )
  for (const { file, error } of found) expect(error).toBe(`broken: ${file}`)
  return [found.map(({ file }) => file), attempts]
}

describe('findCulprits', () => {
  test('every file that fails alone is found, in order', async () => {
    for (const bad of [[0], [6], [0, 6], [2, 3], [0, 1, 2, 3, 4, 5, 6]])
      expect((await search(7, (files) => files.some((file) => bad.includes(file))))[0]).toEqual(bad)
  })

  test('one of a thousand costs two attempts per halving', async () => {
    const [found, attempts] = await search(1000, (files) => files.includes(637))
    expect(found).toEqual([637])
    expect(attempts).toBeLessThanOrEqual(20)
  })

  test('nobody is blamed for what fails only together', async () => {
    expect(await search(8, (files) => files.includes(0) && files.includes(7))).toEqual([[], 2])
    expect((await search(1, () => true))[0]).toEqual([])
  })
})
