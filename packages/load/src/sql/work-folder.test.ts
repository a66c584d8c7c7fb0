/** Tables of the same name in two databases, staged below one folder: what a fan-out looks like. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Destination } from '@tidegate/core'
import { openDatabaseFile } from '@tidegate/duckdb'
import { batchOf, draftOf, fileOf } from '../testing/drafts.ts'
import { openDuckDBTable } from './duckdb/open-duckdb-table.ts'

test('what one left half published is not collected by the other', async () => {
  const root = mkdtempSync(join(tmpdir(), 'tidegate-'))
  const open = (name: string): Destination => {
    const file = join(root, `${name}.duckdb`)
    return openDuckDBTable({
      file,
      table: { name: 'flights' },
      workDirectory: join(root, 'work'),
      quarantineDirectory: join(root, 'quarantine'),
      source: 'flights',
      openSession: () => openDatabaseFile(file, { threads: 1 }),
    })
  }
  const hold = async (target: Destination, batch: string, fence: number): Promise<void> => {
    const staging = await target.prepare(batchOf(batch))
    const part = await staging.stageText(`why ${batch}`, { visible: `${batch}.json`, file: batch, kind: 'reasons' })
    await staging.seal()
    const files = [fileOf(batch, 0, { outcome: 'held' })]
    const draft = draftOf(batch, { batch: batchOf(batch), fence, files, rejected: [part] })
    expect((await target.commit(draft)).kind).toBe('committed')
  }
  try {
    const [one, other] = [open('one'), open('other')]
    await hold(one, 'b1', 5)
    await one.close()
    await orphan(join(root, 'work'))
    await hold(other, 'b2', 6)
    await other.recover()
    await other.close()
    const again = open('one')
    expect(await again.recover()).toMatchObject({ lastSeq: 1 })
    await again.close()
    expect((await readdir(join(root, 'quarantine'))).toSorted()).toEqual(['b1.json', 'b2.json'])
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
})

/** As if the process that made these attempts had died. */
async function orphan(work: string): Promise<void> {
  for (const path of await readdir(work, { recursive: true })) {
    if (!path.endsWith('owner.json')) continue
    const owner = JSON.parse(readFileSync(join(work, path), 'utf8')) as object
    writeFileSync(join(work, path), JSON.stringify({ ...owner, pid: 2 ** 22 + 1 }))
  }
}
