import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'

import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { planRepair } from './plan-repair.ts'
import { runRepair, type RunRepairOptions } from './repair.ts'
import type { RepairReport } from './report.ts'

let base: string
let folder: string
let session: Session
let sound: Buffer

beforeAll(async () => {
  base = fs.mkdtempSync(path.join(os.tmpdir(), 'tidegate-'))
  session = await openDuckDB({ threads: 1 })
  await session.query(
    `COPY (SELECT i::INT AS i, 'n' || i AS n, i / 7 AS d, [i, i + 1] AS l FROM range(9000) t(i)) TO '${path.join(base, 'sound.parquet')}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`,
  )
  sound = fs.readFileSync(path.join(base, 'sound.parquet'))
})
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(base, 'case-'))
})
afterAll(async () => {
  await session.close()
  fs.rmSync(base, { recursive: true, force: true })
})

describe('repair', () => {
  test('writes nothing for a sound file', async () => {
    const report = await mend(put('a.parquet', sound), inside('out.parquet'))
    expect(report).toMatchObject({ status: 'unchanged', out: undefined, outSha256: undefined, verification: undefined })
    expect(report.sourceSha256).toBe(sha256(sound))
    expect(fs.readdirSync(folder)).toEqual(['a.parquet'])
  })

  test('takes trailing bytes away and says both hashes', async () => {
    const longer = Buffer.concat([sound, Buffer.from('\n\n')])
    const report = await mend(put('a.parquet', longer), inside('out.parquet'))
    expect(report).toMatchObject({
      status: 'repaired',
      sourceSha256: sha256(longer),
      outSha256: sha256(sound),
      lossFile: undefined,
      summary: { lossless: true, untouchedPrefixBytes: sound.length, outBytes: sound.length },
      verification: { ok: true, readers: ['own', 'duckdb'], rowsRead: 9000, mismatches: [], notes: [] },
    })
    expect(fs.readFileSync(inside('out.parquet'))).toEqual(sound)
    expect(fs.readdirSync(folder)).toEqual(['a.parquet', 'out.parquet'])
  })

  test('takes names as they are, with quotes, wildcards and folders that look like partitions', async () => {
    fs.mkdirSync(inside('year=2020'))
    const source = put('a.parquet', Buffer.concat([sound, Buffer.alloc(8)]))
    for (const name of ["it's [1]*?.parquet", 'year=2020/ü.parquet', 'no extension']) {
      const report = await mend(source, inside(name))
      expect(report).toMatchObject({ status: 'repaired', out: inside(name), verification: { ok: true, notes: [] } })
      expect(fs.readFileSync(inside(name))).toEqual(sound)
    }
  })

  test('brings a file without footer back, and writes what nobody knows into the manifest', async () => {
    const cut = put('a.parquet', sound.subarray(0, footerStart(sound)))
    const schema = [{ sibling: path.join(base, 'sound.parquet') }]
    const report = await mend(cut, inside('out.parquet'), { schema })
    expect(report.summary).toMatchObject({ schemaFrom: 'sibling', totals: { rowsRecovered: 9000 } })
    const { rows } = await session.query(
      `SELECT count(*) FROM (FROM '${inside('out.parquet')}' EXCEPT ALL FROM '${path.join(base, 'sound.parquet')}')`,
    )
    expect(rows).toEqual([[0]])
  })

  test('refuses what is below the confidence that is asked for, and says what there would be', async () => {
    await session.query(
      `COPY (SELECT i, 'n' || i AS n, i / 7 AS d FROM range(5000) t(i)) TO '${inside('one.parquet')}' (FORMAT parquet)`,
    )
    const one = fs.readFileSync(inside('one.parquet'))
    const cut = put('cut.parquet', one.subarray(0, footerStart(one)))
    const schema = [{ sibling: inside('one.parquet') }]
    const report = await mend(cut, inside('out.parquet'), { schema })
    expect(report).toMatchObject({
      status: 'refused',
      summary: { kind: 'refused', confidence: 'weak', totals: { rowsRecovered: 5000 } },
    })
    expect(report.summary.rowGroups.map(({ rows }) => rows).reduce((sum, rows) => sum + rows)).toBe(5000)
    expect(fs.existsSync(inside('out.parquet'))).toBe(false)
    const weak = await mend(cut, inside('out.parquet'), { schema, minConfidence: 'weak' })
    expect(weak.summary.totals.rowsRecovered).toBe(5000)
    expect(fs.existsSync(inside('out.parquet'))).toBe(true)
  })

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['one byte', Buffer.from('P')],
    ['only the magic', Buffer.from('PAR1')],
    ['twice the magic', Buffer.from('PAR1PAR1')],
    ['zeros', Buffer.alloc(100_000)],
    ['text', Buffer.from('a,b\n1,2\n'.repeat(100))],
    ['a gzip of nothing', Buffer.from('1f8b0800000000000003', 'hex')],
    [
      'a footer length beyond the file',
      Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(64), Buffer.from('ffffff7f50415231', 'hex')]),
    ],
  ])('refuses %s with a reason', async (_name, bytes) => {
    const report = await mend(put('a.parquet', bytes), inside('out.parquet'))
    expect(report.status).toBe('refused')
    expect([...report.summary.findings.map(({ message }) => message), ...report.summary.doubts].length).toBeGreaterThan(
      0,
    )
    expect(fs.readdirSync(folder)).toEqual(['a.parquet'])
    expect((await planRepair({ path: inside('a.parquet') })).kind).toBe('refused')
  })
})

describe('where a result may go', () => {
  test('never onto the source, also through links, and never onto what is there', async () => {
    const source = put('a.parquet', Buffer.concat([sound, Buffer.alloc(9)]))
    fs.linkSync(source, inside('hard.parquet'))
    fs.symlinkSync(source, inside('soft.parquet'))
    fs.symlinkSync(folder, inside('self'))
    fs.symlinkSync(inside('nowhere'), inside('dangling.parquet'))
    put('other.parquet', Buffer.from('mine'))
    const before = fs.readdirSync(folder)
    for (const name of ['a.parquet', 'hard.parquet', 'soft.parquet', 'self/a.parquet'])
      await expect(mend(source, inside(name))).rejects.toMatchObject({ code: 'REPAIR_OUT_IS_SOURCE' })
    for (const name of ['other.parquet', 'dangling.parquet', 'self'])
      await expect(mend(source, inside(name))).rejects.toMatchObject({ code: 'REPAIR_OUT_EXISTS' })
    await expect(mend(source, inside('new/out.parquet'))).rejects.toMatchObject({ code: 'REPAIR_OUT_FOLDER' })
    await expect(mend(source, inside('other.parquet/out.parquet'))).rejects.toMatchObject({ code: 'REPAIR_OUT_FOLDER' })
    put('out.parquet.loss.json', Buffer.from('{"mine": true}'))
    await expect(mend(source, inside('out.parquet'))).rejects.toMatchObject({ code: 'REPAIR_OUT_EXISTS' })
    expect(fs.readdirSync(folder).toSorted()).toEqual([...before, 'out.parquet.loss.json'].toSorted())
    expect(fs.readFileSync(inside('other.parquet'), 'utf8')).toBe('mine')
  })

  test('not into a folder that may not be written', async () => {
    const source = put('a.parquet', Buffer.concat([sound, Buffer.alloc(9)]))
    const mounted = mountTmpfs('size=1m')
    if (mounted === undefined) return
    try {
      execFileSync('mount', ['-o', 'remount,ro', mounted])
      await expect(mend(source, path.join(mounted, 'out.parquet'))).rejects.toMatchObject({ code: 'WRITE_DENIED' })
    } finally {
      execFileSync('umount', [mounted])
    }
  })

  test('a disk that is full leaves nothing', async () => {
    const source = put('a.parquet', Buffer.concat([sound, Buffer.alloc(9)]))
    const mounted = mountTmpfs('size=32k')
    if (mounted === undefined) return
    try {
      await expect(mend(source, path.join(mounted, 'out.parquet'))).rejects.toMatchObject({
        code: 'DISK_FULL',
        dataNow: 'Nothing was written.',
      })
      expect(fs.readdirSync(mounted)).toEqual([])
    } finally {
      execFileSync('umount', [mounted])
    }
  })
})

describe('a source', () => {
  test('that is no regular file is told so, without waiting for it', async () => {
    execFileSync('mkfifo', [inside('pipe')])
    fs.mkdirSync(inside('folder'))
    const server = net.createServer().listen(inside('socket'))
    try {
      for (const source of [inside('pipe'), inside('folder'), inside('socket'), '/dev/zero']) {
        await expect(mend(source, inside('out.parquet'))).rejects.toMatchObject({ code: 'SOURCE_NOT_A_FILE' })
        await expect(planRepair({ path: source })).rejects.toMatchObject({ code: 'SOURCE_NOT_A_FILE' })
      }
    } finally {
      server.close()
    }
    await expect(mend(inside('missing'), inside('out.parquet'))).rejects.toMatchObject({ code: 'SOURCE_GONE' })
  })

  test.each<[string, (source: string) => void]>([
    ['grows', (source) => fs.appendFileSync(source, 'more')],
    ['shrinks', (source) => fs.truncateSync(source, 5000)],
    ['changes in place', (source) => fs.writeFileSync(source, Buffer.concat([sound, Buffer.alloc(9, 1)]))],
    ['is replaced', (source) => (fs.rmSync(source), fs.writeFileSync(source, Buffer.concat([sound, Buffer.alloc(9)])))],
    ['goes', (source) => fs.rmSync(source)],
  ])('that %s while it is read leaves nothing', async (_how, change) => {
    const source = put('a.parquet', Buffer.concat([sound, Buffer.alloc(9)]))
    for (const moment of ['planned', 'verify'] as const) {
      fs.writeFileSync(source, Buffer.concat([sound, Buffer.alloc(9)]))
      let isDone = false
      const once = (): void => {
        if (!isDone) change(source)
        isDone = true
      }
      const options: RunRepairOptions = {
        onPhase: (phase) => (phase === moment ? once() : undefined),
        onProgress: ({ stage }) => (stage === moment ? once() : undefined),
      }
      await expect(mend(source, inside('out.parquet'), options)).rejects.toMatchObject({
        code: 'REPAIR_SOURCE_CHANGED',
        retryable: true,
      })
      expect(fs.readdirSync(folder).filter((name) => name !== 'a.parquet')).toEqual([])
    }
  })

  test('that may not be read is told so', async () => {
    if (process.getuid?.() === 0) return
    const source = put('a.parquet', sound)
    fs.chmodSync(source, 0)
    await expect(mend(source, inside('out.parquet'))).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' })
  })
})

test('an abort leaves nothing', async () => {
  const source = put('a.parquet', Buffer.concat([sound, Buffer.alloc(9)]))
  for (const moment of ['plan', 'write', 'verify']) {
    const controller = new AbortController()
    const options: RunRepairOptions = {
      signal: controller.signal,
      onProgress: ({ stage }) => (stage === moment ? controller.abort() : undefined),
    }
    await expect(mend(source, inside('out.parquet'), options)).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(fs.readdirSync(folder)).toEqual(['a.parquet'])
  }
})

async function mend(source: string, out: string, options: RunRepairOptions = {}): Promise<RepairReport> {
  return await runRepair(source, out, { engine: { place: 'here' }, ...options })
}

function inside(name: string): string {
  return path.join(folder, name)
}

function put(name: string, bytes: Uint8Array): string {
  fs.writeFileSync(inside(name), bytes)
  return inside(name)
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function footerStart(bytes: Buffer): number {
  return bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8)
}

/** Undefined where this user may not mount; the machines that build this may. */
function mountTmpfs(options: string): string | undefined {
  const point = inside('mounted')
  fs.mkdirSync(point)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', point], { stdio: 'ignore' })
    return point
  } catch {
    return undefined
  }
}
