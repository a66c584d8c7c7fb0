import { expect, test } from 'vitest'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sweepRetired } from './index.ts'
import { tempTarget, tree } from './testing/temp-target.ts'

test('retired parts go when they are old enough, and nothing else does', async () => {
  using temp = tempTarget()
  const nowMs = Date.now()
  expect(await sweepRetired(temp.target, { olderThanMs: 0, nowMs })).toEqual({ files: 0, bytes: 0, kept: 0 })
  const folder = join(temp.target, '_tidegate/retired')
  await mkdir(folder, { recursive: true })
  const part = '00000000000000000007-part-a.sealed'
  for (const name of [part, 'mine.txt', '7-part.sealed']) await writeFile(join(folder, name), '12345')
  const hour = 3_600_000
  expect(await sweepRetired(temp.target, { olderThanMs: hour, nowMs })).toEqual({ files: 0, bytes: 0, kept: 1 })
  const later = { olderThanMs: hour, nowMs: nowMs + 2 * hour }
  expect(await sweepRetired(temp.target, { ...later, dryRun: true })).toEqual({ files: 1, bytes: 5, kept: 0 })
  expect(await tree(folder)).toHaveLength(3)
  expect(await sweepRetired(temp.target, later)).toEqual({ files: 1, bytes: 5, kept: 0 })
  expect(await tree(folder)).toEqual(['7-part.sealed', 'mine.txt'])
})
