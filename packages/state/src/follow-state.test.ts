import { renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { openState } from './index.ts'
import { makeEntry } from './testing/entries.ts'
import { withFolder } from './testing/with-folder.ts'

const nowMs = (): number => 0

test('a reader goes over to the database that took the place of its own', async () => {
  await withFolder(async (folder) => {
    const file = path.join(folder, 'state.db')
    const old = await openState({ path: file, nowMs })
    await old.indexEntry('/lake', makeEntry(1, ['old']))
    await old.close()
    const reader = await openState({ path: file, nowMs, readOnly: true })
    const before = await reader.changeMarker()
    const other = path.join(folder, 'other.db')
    const rebuilt = await openState({ path: other, nowMs })
    await rebuilt.indexEntry('/lake', makeEntry(1, ['new']))
    await rebuilt.close()
    for (const kind of ['-wal', '-shm']) rmSync(`${file}${kind}`, { force: true })
    renameSync(other, file)
    expect((await reader.listFiles()).map((item) => item.path)).toEqual(['old'])
    expect(await reader.changeMarker()).not.toBe(before)
    expect((await reader.listFiles()).map((item) => item.path)).toEqual(['new'])
    rmSync(file)
    await reader.changeMarker()
    expect(await reader.listFiles()).toEqual([])
    await reader.close()
  })
})

test('calls under way end on the database that they began with', async () => {
  await withFolder(async (folder) => {
    const file = path.join(folder, 'state.db')
    const reader = await openState({ path: file, nowMs, readOnly: true })
    const writer = await openState({ path: file, nowMs })
    await writer.indexEntry('/lake', makeEntry(1, ['a']))
    const before = Array.from({ length: 20 }, async () => reader.queryFiles({ limit: 5 }))
    const [marker] = await Promise.all([reader.changeMarker(), reader.changeMarker(), ...before])
    expect(await Promise.all(before)).toEqual(Array.from({ length: 20 }, () => ({ items: [], total: 0 })))
    expect(await reader.changeMarker()).toBe(marker)
    expect((await reader.queryFiles({ limit: 5 })).total).toBe(1)
    await reader.close()
    await writer.close()
  })
})
