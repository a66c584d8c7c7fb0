import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { hearLines } from './hear-lines.ts'

async function hear(
  pieces: readonly (string | Buffer)[],
  limits: { longest?: number; most?: number } = {},
): Promise<{ readonly heard: readonly string[]; readonly last: string | null }> {
  const input = new PassThrough()
  const heard: string[] = []
  const lines = hearLines(input, (line) => heard.push(line), limits)
  for (const piece of pieces) input.write(piece)
  input.end()
  await once(input, 'close')
  return { heard, last: lines.last() }
}

test('lines come whole, however they were cut, without what ends them and without empty ones', async () => {
  const snow = Buffer.from('snow ☃\n')
  expect(await hear(['a\nb', 'c\r\n\n  \n', snow.subarray(0, 6), snow.subarray(6), 'rest'])).toEqual({
    heard: ['a', 'bc', 'snow ☃', 'rest'],
    last: 'rest',
  })
  expect(await hear([])).toEqual({ heard: [], last: null })
})

test('of a line without end its beginning is kept', async () => {
  const pieces = Array.from({ length: 50 }, () => 'x'.repeat(100_000))
  expect(await hear([...pieces, '\nafter'], { longest: 10 })).toEqual({ heard: ['xxxxxxxxxx', 'after'], last: 'after' })
})

test('of a flood the first lines are passed on, then how many there were, and the last one is known', async () => {
  const flood = Array.from({ length: 10_000 }, (_, at) => `line ${at}\n`)
  expect(await hear(flood, { most: 2 })).toEqual({
    heard: ['line 0', 'line 1', '… 9998 more lines were left out'],
    last: 'line 9999',
  })
})
