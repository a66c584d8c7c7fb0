import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { DATASET_KINDS, mutateDataset, type DatasetEntry } from '../testing/mutations/dataset.ts'
import { openSoundFiles, type SoundFiles } from '../testing/sound-files.ts'
import { diagnoseDataset, type DatasetItem, type DatasetOptions } from './diagnose-dataset.ts'

let files: SoundFiles
const folder = mkdtempSync(join(tmpdir(), 'tidegate-dataset-'))

beforeAll(async () => {
  files = await openSoundFiles()
})

afterAll(async () => {
  await files.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('every kind of folder', () => {
  for (const kind of DATASET_KINDS)
    test(`${kind}: what is due is said where it is due, and nothing else`, async () => {
      const { entries, truth } = await mutateDataset(files, kind, 7)
      const items = await itemsOf(write(kind, entries))
      const codes = codesOf(items)
      for (const [path, due] of Object.entries(truth.due))
        // Whether a sibling's schema may be taken is a matter of the repair. A folder is named once, not file by file.
        for (const code of due.filter((each) => each !== 'PQ603'))
          expect(codes[path] ?? codes[path.split('/')[0] ?? ''], path).toContain(code)
      for (const [path, found] of Object.entries(codes)) {
        const allowed: string[] = [...(truth.due[path] ?? [])]
        // A file of another table in the folder is one, offered as a sibling or not.
        if (path === truth.wrongSibling?.sibling) allowed.push('PQ503')
        if (path === truth.wrongSibling?.damaged) allowed.push('PQ201', 'PQ202', 'PQ105')
        if (path === '_temporary') allowed.push('PQ502')
        if (path === '_delta_log') allowed.push('PQ501')
        for (const code of found.filter((each) => isWarning(items, path, each)))
          expect([path, allowed]).toEqual([path, expect.arrayContaining([code])])
      }
      const sound = items.flatMap((item) =>
        item.kind === 'file' && item.diagnosis.kind === 'sound' ? [item.path] : [],
      )
      expect(sound).toEqual(expect.arrayContaining([...truth.data]))
      expect(items.at(-1)).toMatchObject({ kind: 'end', summary: { sound: sound.length } })
    })
})

test('two runs say the same in the same order', async () => {
  const { entries } = await mutateDataset(files, 'duplicate-file', 1)
  const at = write('again', entries)
  expect(await itemsOf(at)).toEqual(await itemsOf(at))
})

test('each table below a folder is compared with itself, its partitions together', async () => {
  const { entries } = await mutateDataset(files, 'schema-drift', 1)
  const [a, b, c, other] = entries.map(({ bytes }) => bytes) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
  const at = write('tables', [
    { path: 'orders/day=1/x.parquet', bytes: a },
    { path: 'orders/day=2/x.parquet', bytes: b },
    { path: 'orders/2024/01/x.parquet', bytes: c },
    { path: 'orders/day=3/x.parquet', bytes: other },
    { path: 'flights/x.parquet', bytes: other },
  ])
  const drift = (await itemsOf(at)).filter((item) => item.kind === 'finding' && item.finding.code === 'PQ503')
  expect(drift).toMatchObject([
    { path: 'orders/day=3/x.parquet', finding: { evidence: { files: 4, filesWithUsualSchema: 3 } } },
  ])
})

test('without recursive only the files of the folder itself are looked at', async () => {
  const { entries } = await mutateDataset(files, 'success-marker', 1)
  const at = write('flat', [...entries, { path: 'below/x.parquet', bytes: new Uint8Array(3) }])
  expect(codesOf(await itemsOf(at, { recursive: false }))['below/x.parquet']).toBeUndefined()
  expect(codesOf(await itemsOf(at))['below/x.parquet']).toContain('PQ102')
})

test('who looks into the files is an argument; an error of it is a finding of that file alone', async () => {
  const { entries } = await mutateDataset(files, 'success-marker', 1)
  const at = write('examined', entries)
  const seen: string[] = []
  const items = await itemsOf(at, {
    diagnose: async (path) => {
      seen.push(path)
      if (path.endsWith('1.parquet')) throw new Error('the disk gave up')
      return { kind: 'sound', verdict: 'ok', detected: 'parquet', sizeBytes: 10, findings: [], rows: 1 }
    },
  })
  expect(seen).toEqual([0, 1, 2].map((part) => join(at, `part-0000${part}.parquet`)))
  expect(codesOf(items)['part-00001.parquet']).toEqual(['PQ904'])
  expect(items.at(-1)).toMatchObject({ summary: { files: 2, sound: 2, unreadable: 1, rows: 2 } })
})

test('a folder that is none is an error, an aborted look ends', async () => {
  await expect(itemsOf(join(folder, 'gone'))).rejects.toMatchObject({ code: 'SOURCE_MISSING' })
  const stop = new AbortController()
  stop.abort(new Error('enough'))
  await expect(itemsOf(folder, { signal: stop.signal })).rejects.toThrow('enough')
})

function write(name: string, entries: readonly DatasetEntry[]): string {
  for (const { path, bytes } of entries) {
    const file = join(folder, name, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, bytes)
  }
  return join(folder, name)
}

async function itemsOf(dir: string, options?: DatasetOptions): Promise<readonly DatasetItem[]> {
  const items: DatasetItem[] = []
  for await (const item of diagnoseDataset(dir, options)) items.push(item)
  return items
}

function codesOf(items: readonly DatasetItem[]): Record<string, string[]> {
  const codes: Record<string, string[]> = {}
  for (const item of items) {
    if (item.kind === 'end') continue
    const found = item.kind === 'file' ? item.diagnosis.findings : [item.finding]
    codes[item.path] = [...(codes[item.path] ?? []), ...found.map(({ code }) => code)]
  }
  return codes
}

function isWarning(items: readonly DatasetItem[], path: string, code: string): boolean {
  return items.some(
    (item) =>
      item.kind !== 'end' &&
      item.path === path &&
      (item.kind === 'file' ? item.diagnosis.findings : [item.finding]).some(
        (found) => found.code === code && found.severity !== 'info',
      ),
  )
}
