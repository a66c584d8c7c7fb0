import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { quickLook, readSmall, statSmall } from './look-quickly.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tidegate-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

test('a small file comes whole; what is large or no regular file is left to the patient way', () => {
  writeFileSync(join(root, 'empty'), '')
  writeFileSync(join(root, 'small'), 'a'.repeat(256 * 1024))
  writeFileSync(join(root, 'large'), 'a'.repeat(256 * 1024 + 1))
  mkdirSync(join(root, 'folder'))
  // Nobody ever writes to it: an ordinary open would wait for ever.
  execFileSync('mkfifo', [join(root, 'pipe')])
  const sizes = ['empty', 'small', 'large', 'folder', 'pipe'].map((name) => readSmall(join(root, name))?.length)
  expect(sizes).toEqual([0, 256 * 1024, undefined, undefined, undefined])
  expect(statSmall(join(root, 'nothing'))).toBeNull()
})

test('after a failure the patient way says what is wrong', async () => {
  const look = quickLook()
  expect(await look.take(() => readSmall(join(root, 'nothing')))).toBeUndefined()
  expect(await look.take(() => 'next')).toBe('next')
})

test('after a slow call the next ones are patient for a while', async () => {
  let nowMs = 0
  const look = quickLook(() => nowMs)
  const slow = (): number => (nowMs += 30)
  expect(await look.take(slow)).toBe(30)
  const answers: unknown[] = []
  for (let call = 0; call < 501; call++) answers.push(await look.take(() => call))
  expect(answers.findIndex((answer) => answer !== undefined)).toBe(500)
})

test('timers have their turn between many quick calls', async () => {
  const look = quickLook()
  let turns = 0
  const timer = setInterval(() => (turns += 1), 1)
  const endMs = performance.now() + 100
  const busy = async (): Promise<void> => {
    while (performance.now() < endMs) await look.take(() => 1)
  }
  await Promise.all([busy(), busy(), busy()])
  clearInterval(timer)
  expect(turns).toBeGreaterThan(0)
})
