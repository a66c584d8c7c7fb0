import { spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'

import { closeFile } from '../assemble/footer-builder.ts'
import { parseThrift } from '../thrift/parse-thrift.ts'
import { itemsIn, listField, TYPE } from '../thrift/thrift-value.ts'
import { setField } from '../thrift/patch-thrift.ts'
import { openDoctor, type Doctor, type DoctorOptions } from './doctor.ts'

let folder: string
let session: Session
const doctors: Doctor[] = []

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tidegate-'))
  session = await openDuckDB({ threads: 1 })
  await session.query(
    `COPY (SELECT i::INT AS i, 'name ' || i AS name FROM range(20000) t(i)) TO '${inside('sound.parquet')}' (FORMAT parquet, ROW_GROUP_SIZE 4096)`,
  )
  fs.writeFileSync(inside('longer.parquet'), Buffer.concat([sound(), Buffer.alloc(32)]))
  fs.writeFileSync(inside('groups.parquet'), manyGroups(sound(), 100_000))
})
afterEach(async () => {
  for (const doctor of doctors.splice(0)) await doctor.close()
})
afterAll(async () => {
  await session.close()
  fs.rmSync(folder, { recursive: true, force: true })
})

test('a request that runs out of heap is a finding, and the next request works', async () => {
  const doctor = open({ heapMiB: 40 })
  const diagnosis = await doctor.diagnose(inside('groups.parquet'), { level: 'footer' })
  expect(diagnosis).toMatchObject({ kind: 'unreadable', verdict: 'unrecoverable', level: 'footer' })
  expect(diagnosis.findings.map(({ code }) => code)).toEqual(['PQ901'])
  expect(diagnosis.findings[0]?.evidence).toMatchObject({ outOfHeap: true })
  expect(await doctor.diagnose(inside('sound.parquet'), { level: 'pages' })).toMatchObject({
    verdict: 'ok',
    rows: 20_000,
  })
})

test('a child that is killed from outside is tried once more, so one kill does no harm', async () => {
  const doctor = open()
  await doctor.diagnose(inside('sound.parquet'), { level: 'footer' })
  const first = doctor.pid
  const killed = doctor.plan(inside('longer.parquet'))
  process.kill(first ?? 0, 'SIGKILL')
  await expect(doctor.diagnose(inside('sound.parquet'), { level: 'pages' })).resolves.toMatchObject({ verdict: 'ok' })
  await expect(killed).resolves.toMatchObject({ kind: 'repair' })
  expect(doctor.pid).not.toBe(first)
})

test('a child that is killed twice is a finding, and what it wrote is removed', async () => {
  const doctor = open()
  const out = inside('killed.parquet')
  const killer = setInterval(() => {
    // Only once it has begun to write.
    if (leftovers().length > 0 && doctor.pid !== undefined) process.kill(doctor.pid, 'SIGKILL')
  }, 1)
  try {
    const report = await doctor.repair(inside('longer.parquet'), out)
    expect(report.status).toBe('refused')
    expect(report.sourceSha256).toMatch(/^[0-9a-f]{64}$/)
    expect(report.summary.findings.map(({ code }) => code)).toEqual(['PQ901'])
    expect(report.summary.findings[0]?.evidence).toMatchObject({ signal: 'SIGKILL' })
  } finally {
    clearInterval(killer)
  }
  expect(fs.existsSync(out)).toBe(false)
  expect(leftovers()).toEqual([])
  expect(await doctor.repair(inside('longer.parquet'), out)).toMatchObject({ status: 'repaired', out })
})

test('a request that takes too long is a finding, and the next doctor request starts a fresh child', async () => {
  const doctor = open({ timeoutMs: 1 })
  const diagnosis = await doctor.diagnose(inside('sound.parquet'), { level: 'pages' })
  expect(diagnosis).toMatchObject({ kind: 'unreadable', verdict: 'unrecoverable' })
  expect(diagnosis.findings.map(({ code }) => code)).toEqual(['PQ902'])
  const plan = await doctor.plan(inside('sound.parquet'))
  expect(plan.kind).toBe('refused')
  expect(plan.findings.map(({ code }) => code)).toEqual(['PQ902'])
  const report = await doctor.repair(inside('longer.parquet'), inside('late.parquet'))
  expect(report).toMatchObject({ status: 'refused', summary: { findings: [{ code: 'PQ902' }] } })
  expect(fs.existsSync(inside('late.parquet'))).toBe(false)
})

test('an abort ends a request as cancelled, and the next one works', async () => {
  const doctor = open()
  const controller = new AbortController()
  const cancelled = doctor.repair(
    inside('longer.parquet'),
    inside('cancelled.parquet'),
    {},
    {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    },
  )
  await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED', retryable: true })
  expect(fs.existsSync(inside('cancelled.parquet'))).toBe(false)
  expect(leftovers()).toEqual([])
  await expect(doctor.diagnose(inside('sound.parquet'), {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'CANCELLED',
  })
  expect((await doctor.diagnose(inside('sound.parquet'), {})).verdict).toBe('ok')
})

test('closing ends what is under way as cancelled', async () => {
  const doctor = open()
  const running = doctor.repair(
    inside('longer.parquet'),
    inside('closed.parquet'),
    {},
    { onProgress: () => void doctor.close() },
  )
  const waiting = doctor.plan(inside('longer.parquet'))
  const cancelled = { status: 'rejected', reason: { code: 'CANCELLED' } }
  expect(await Promise.allSettled([running, waiting])).toMatchObject([cancelled, cancelled])
  expect(leftovers()).toEqual([])
})

test('errors cross the border with code and hint', async () => {
  const doctor = open()
  const missing = doctor.diagnose(inside('missing.parquet'), {})
  await expect(missing).rejects.toMatchObject({ name: 'TidegateError', code: 'SOURCE_GONE', retryable: true })
  await expect(missing).rejects.toHaveProperty('hint')
  const source = inside('sound.parquet')
  await expect(doctor.repair(source, source)).rejects.toMatchObject({
    code: 'REPAIR_OUT_IS_SOURCE',
    dataNow: 'Nothing was written.',
  })
})

test('requests that come together are answered one after another, by one child', async () => {
  const doctor = open()
  const progress: string[] = []
  const [one, two, three] = await Promise.all([
    doctor.diagnose(inside('sound.parquet'), { level: 'values' }),
    doctor.repair(
      inside('longer.parquet'),
      inside('together.parquet'),
      {},
      { onProgress: ({ stage }) => progress.push(stage) },
    ),
    doctor.plan(inside('longer.parquet')),
  ])
  expect(one.verdict).toBe('ok')
  expect(two).toMatchObject({
    status: 'repaired',
    verification: { ok: true, rowsRead: 20_000, readers: ['own', 'duckdb'] },
  })
  expect(three).toMatchObject({ kind: 'repair', lossless: true, untouchedPrefixBytes: sound().length })
  expect(new Set(progress)).toEqual(new Set(['plan', 'write', 'verify']))
  expect(fs.readFileSync(inside('together.parquet'))).toEqual(sound())
  await doctor.close()
  await expect(doctor.plan(inside('sound.parquet'))).rejects.toMatchObject({ code: 'ENGINE_CLOSED' })
})

test('a child ends with its parent, also when that is killed, and takes its temp files along', async () => {
  const script = `
    import { openDoctor } from ${JSON.stringify(new URL('doctor.ts', import.meta.url).href)}
    const doctor = openDoctor()
    await doctor.repair(${JSON.stringify(inside('longer.parquet'))}, ${JSON.stringify(inside('orphan.parquet'))}, {}, {
      onProgress: ({ stage }) => {
        if (stage === 'write' || stage === 'verify') process.stdout.write(doctor.pid + '\\n')
      },
    })
    setInterval(() => {}, 1000)`
  const parent = spawn(process.execPath, ['--conditions=tidegate:source', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const pid = await new Promise<number>((resolve) =>
    parent.stdout.once('data', (line: Buffer) => resolve(Number(String(line).split('\n')[0]))),
  )
  parent.kill('SIGKILL')
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), 5000)
  expect(leftovers()).toEqual([])
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function open(options: DoctorOptions = {}): Doctor {
  const doctor = openDoctor(options)
  doctors.push(doctor)
  return doctor
}

function inside(name: string): string {
  return path.join(folder, name)
}

function sound(): Buffer {
  return fs.readFileSync(inside('sound.parquet'))
}

function leftovers(): string[] {
  return fs.readdirSync(folder).filter((name) => name.startsWith('.tmp-'))
}

/** A footer that lists its first row group again and again. */
function manyGroups(bytes: Buffer, count: number): Buffer {
  const start = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8)
  const { struct } = parseThrift(bytes.subarray(start, -8))
  const [group] = itemsIn(struct, 4)
  if (group === undefined) throw new Error('the file has no row group')
  const groups = Array.from({ length: count }, () => group)
  return Buffer.concat([bytes.subarray(0, start), closeFile(setField(struct, 4, listField(TYPE.STRUCT, groups)))])
}
