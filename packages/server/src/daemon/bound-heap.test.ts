import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { expect, test } from 'vitest'

function newSpaceBytes(mode: 'bound' | 'free'): number {
  const script = path.join(import.meta.dirname, '../testing/keep-some.ts')
  return Number(execFileSync(process.execPath, ['--conditions=tidegate:source', script, mode], { encoding: 'utf8' }))
}

test('the room for new objects stays small where V8 alone would take more', () => {
  const bound = newSpaceBytes('bound')
  expect(bound).toBeGreaterThan(0)
  // It may double once more between two looks.
  expect(bound).toBeLessThanOrEqual(64 * 2 ** 20)
  expect(newSpaceBytes('free')).toBeGreaterThan(bound)
})
