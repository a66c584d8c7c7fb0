import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { probeClock, probeStatePlace } from './probe-places.ts'

const folder = mkdtempSync(path.join(os.tmpdir(), 'tidegate-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const MOUNTS = '21 1 8:1 / / rw - ext4 /dev/sda1 rw\n36 21 0:40 / /mnt/share rw - nfs4 host:/x rw'

test('an SQLite state on a network file system is bad; on a local disk or on Postgres nothing is said', () => {
  expect(probeStatePlace('/mnt/share/p/state.db', MOUNTS)).toMatchObject([
    { outcome: 'bad', found: expect.stringContaining('nfs4') as unknown },
  ])
  expect(probeStatePlace('/var/p/state.db', MOUNTS)).toEqual([])
  expect(probeStatePlace('postgres://host/db', MOUNTS)).toEqual([])
})

test('a file system whose clock is elsewhere is said with the distance, and nothing is left behind', async () => {
  expect(await probeClock(folder, () => Date.now())).toEqual([])
  const [behind] = await probeClock(folder, () => Date.now() + 60_000)
  expect(behind).toMatchObject({ outcome: 'warn', found: expect.stringMatching(/^(59|60) s behind/) as unknown })
  expect(readdirSync(folder)).toEqual([])
})
