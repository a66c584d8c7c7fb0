import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openDuckDB } from '@tidegate/duckdb'
import { expect, test } from 'vitest'
import { openManifestFolder, type FolderDestination, type Manifest } from './index.ts'
import { draftOf, fileOf } from './testing/drafts.ts'
import { stageHold, tempTarget, tree, type TempTarget } from './testing/temp-target.ts'

function openIn(temp: TempTarget): Promise<FolderDestination> {
  return openManifestFolder({ directory: temp.target, quarantineDirectory: temp.quarantine })
}

async function manifestOf(temp: TempTarget): Promise<Manifest> {
  return JSON.parse(await readFile(join(temp.target, 'manifest.json'), 'utf8')) as Manifest
}

test('the manifest lists what passed, and follows replacements', async () => {
  using temp = tempTarget()
  const target = await openIn(temp)
  await target.recover()
  expect(await tree(temp.root)).toEqual([])

  await target.commit(draftOf('b1', { files: [fileOf('a#1', 3), fileOf('b#1', 4, { score: 98.5 })] }))
  expect(await tree(temp.target)).not.toContain('manifest.json')
  await target.publish()
  expect(await manifestOf(temp)).toEqual({
    format: 1,
    lastSeq: 1,
    files: [
      { id: 'a#1', uri: '/landing/a#1', path: 'a#1', hash: 'hash of a#1', bytes: 10, rows: 3, score: 100, batch: 'b1', seq: 1, committedAt: '2026-01-31T00:00:00.000Z' }, // prettier-ignore
      { id: 'b#1', uri: '/landing/b#1', path: 'b#1', hash: 'hash of b#1', bytes: 10, rows: 4, score: 98.5, batch: 'b1', seq: 1, committedAt: '2026-01-31T00:00:00.000Z' }, // prettier-ignore
    ],
    quarantine: [],
  })

  const { draft } = await stageHold(target, 'b2', 'c#1')
  await target.commit({ ...draft, files: [...draft.files, fileOf('a#2', 5, { replaces: 'a#1' })] })
  await target.publish()
  const second = await manifestOf(temp)
  expect(second.files.map((file) => [file.id, file.rows, file.seq])).toEqual([['b#1', 4, 1], ['a#2', 5, 2]]) // prettier-ignore
  expect(second.quarantine).toMatchObject([{ visible: 'b2.json', file: 'c#1', kind: 'reasons', bytes: 7, seq: 2 }])
})

test('a lost or old manifest is written anew by recovery', async () => {
  using temp = tempTarget()
  const target = await openIn(temp)
  await target.commit(draftOf('b1', { files: [fileOf('a#1', 3)] }))
  await target.publish()
  const whole = await readFile(join(temp.target, 'manifest.json'), 'utf8')
  for (const harm of [
    () => rm(join(temp.target, 'manifest.json')),
    () => writeFile(join(temp.target, 'manifest.json'), '{'),
  ]) {
    await harm()
    await (await openIn(temp)).recover()
    expect(await readFile(join(temp.target, 'manifest.json'), 'utf8')).toBe(whole)
  }
})

test('two writers leave a manifest of everything', async () => {
  using temp = tempTarget()
  const [one, two] = [await openIn(temp), await openIn(temp)]
  const commits = Array.from({ length: 10 }, async (_, at) => {
    const target = at % 2 === 0 ? one : two
    await target.commit(draftOf(`b${at}`, { files: [fileOf(`f${at}`, at)] }))
    await target.publish()
  })
  await Promise.all(commits)
  const { lastSeq, files } = await manifestOf(temp)
  expect(lastSeq).toBe(10)
  expect(files.map((file) => file.id).toSorted()).toEqual(Array.from({ length: 10 }, (_, at) => `f${at}`))
})

test('it takes no rows', async () => {
  using temp = tempTarget()
  const session = await openDuckDB({ threads: 1 })
  const staging = await (await openIn(temp)).prepare({ batch: 'b1', attempt: 1, run: 'r', source: 's', dataset: 'd' })
  const part = { visible: 'p.parquet', files: [{ file: 'a', rows: 1 }] }
  await expect(staging.stageRows(session, 'SELECT 1', part)).rejects.toMatchObject({ code: 'TARGET_GATE_ONLY' })
  await session.close()
})
