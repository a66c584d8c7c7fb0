import { expect, test } from 'vitest'
import { sharedLock } from './shared-lock.ts'

/** Work that says when it begins and ends on request. */
function worker(log: string[], name: string): { readonly work: () => Promise<string>; readonly end: () => void } {
  let end = (): void => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  async function work(): Promise<string> {
    log.push(`${name} begins`)
    await ended
    log.push(`${name} ends`)
    return name
  }
  return { work, end: () => end() }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}

test('who wants to be alone waits for those inside, and those after him wait for him', async () => {
  const log: string[] = []
  const lock = sharedLock()
  const [a, b, alone, late] = ['a', 'b', 'alone', 'late'].map((name) => worker(log, name))
  if (a === undefined || b === undefined || alone === undefined || late === undefined) throw new Error('four workers')
  const all = [
    lock.run('beside-others', a.work),
    lock.run('beside-others', b.work),
    lock.run('alone', alone.work),
    lock.run('beside-others', late.work),
  ]
  await settle()
  expect(log.splice(0)).toEqual(['a begins', 'b begins'])
  a.end()
  await settle()
  expect(log.splice(0)).toEqual(['a ends'])
  b.end()
  await settle()
  expect(log.splice(0)).toEqual(['b ends', 'alone begins'])
  alone.end()
  await settle()
  expect(log.splice(0)).toEqual(['alone ends', 'late begins'])
  late.end()
  expect(await Promise.all(all)).toEqual(['a', 'b', 'alone', 'late'])
})

test('work that fails leaves the place to others', async () => {
  const lock = sharedLock()
  await expect(lock.run('alone', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await lock.run('alone', () => Promise.resolve(1))).toBe(1)
})
