import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { layoutOf } from '../layout.ts'
import { openSoundFiles, type SoundFiles } from '../sound-files.ts'
import { DATASET_KINDS, mutateDataset } from './dataset.ts'

let files: SoundFiles

beforeAll(async () => {
  files = await openSoundFiles()
})

afterAll(async () => {
  await files.close()
})

describe('every kind of folder', () => {
  for (const kind of DATASET_KINDS)
    test(`${kind}: same seed, same folder; its data files are sound`, async () => {
      const { entries, truth } = await mutateDataset(files, kind, 4)
      const again = await mutateDataset(files, kind, 4)
      expect(again.truth).toEqual(truth)
      for (const [index, { bytes, path }] of entries.entries())
        expect([path, Buffer.compare(bytes, again.entries[index]?.bytes ?? new Uint8Array())]).toEqual([path, 0])
      const paths = entries.map(({ path }) => path)
      expect(new Set(paths).size).toBe(paths.length)
      expect(paths).toEqual(expect.arrayContaining([...truth.data, ...Object.keys(truth.due)]))
      for (const { path, bytes } of entries)
        if (truth.data.includes(path) && path < 'part-00009') expect(layoutOf(bytes).rows).toBe(5000)
    })
})

test('a right sidecar has one checksum per 512 bytes, a wrong one differs in one bit', async () => {
  const right = await mutateDataset(files, 'checksum-sidecar', 1)
  const wrong = await mutateDataset(files, 'wrong-checksum-sidecar', 1)
  const [part, sidecar] = ['part-00001.parquet', '.part-00001.parquet.crc'].map(
    (path) => right.entries.find((entry) => entry.path === path)?.bytes ?? new Uint8Array(),
  ) as [Uint8Array, Uint8Array]
  expect(sidecar.length).toBe(8 + 4 * Math.ceil(part.length / 512))
  const other = wrong.entries.find(({ path }) => path === '.part-00001.parquet.crc')?.bytes ?? new Uint8Array()
  expect([...sidecar].filter((byte, at) => byte !== other[at])).toHaveLength(1)
})
