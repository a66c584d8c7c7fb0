import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { startEngine, type Engine } from './engine.ts'

const engines: Engine[] = []
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close()
})

function engine(options: Parameters<typeof startEngine>[0] = {}): Engine {
  const started = startEngine({ threads: 1, ...options })
  engines.push(started)
  return started
}

test('values cross the process border unharmed', async () => {
  const session = await engine().openSession()
  const { rows, columns } = await session.query(
    `SELECT 9223372036854775807::BIGINT, 42::BIGINT, 12345678901234567890.12345::DECIMAL(38,5), 'NaN'::DOUBLE,
            DATE '2001-01-31', TIMESTAMPTZ '2001-01-31 12:00:00+02', [1, NULL], {'a''b': 1.5::DOUBLE}, NULL`,
  )
  expect(rows[0]).toEqual([
    9223372036854775807n,
    42,
    '12345678901234567890.12345',
    Number.NaN,
    '2001-01-31',
    '2001-01-31 10:00:00+00',
    [1, null],
    { "a'b": 1.5 },
    null,
  ])
  expect(columns[2]?.type).toBe('DECIMAL(38,5)')
})

test('a wrong statement is an error of that statement alone', async () => {
  const session = await engine().openSession()
  await expect(session.query('SELEC 1')).rejects.toMatchObject({ code: 'ENGINE_SQL' })
  expect((await session.query('SELECT 1')).rows).toEqual([[1]])
})

test('a killed child fails its requests, and the next session gets a new child', async () => {
  const started = engine()
  const session = await started.openSession()
  const first = started.pid
  const running = session.query('SELECT sum(a.i * b.i) FROM range(1000000) a(i), range(100000) b(i)')
  process.kill(first ?? 0, 'SIGKILL')
  await expect(running).rejects.toMatchObject({ code: 'ENGINE_CRASHED', retryable: true })
  await expect(session.query('SELECT 1')).rejects.toMatchObject({ code: 'ENGINE_CRASHED' })
  const next = await started.openSession()
  expect((await next.query('SELECT 1')).rows).toEqual([[1]])
  expect(started.pid).not.toBe(first)
  expect(started.crashes).toBe(1)
})

test('an abort stops the statement and leaves the session usable', async () => {
  const session = await engine().openSession()
  const abort = new AbortController()
  const running = session.query('SELECT sum(a.i * b.i) FROM range(1000000) a(i), range(1000000) b(i)', {
    signal: abort.signal,
  })
  setTimeout(() => abort.abort(), 50)
  await expect(running).rejects.toMatchObject({ code: 'CANCELLED' })
  expect((await session.query('SELECT 7')).rows).toEqual([[7]])
})

test('the engine reads and writes only below the folders it was given', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tidegate-'))
  try {
    const inside = path.join(folder, 'in')
    fs.mkdirSync(inside)
    fs.writeFileSync(path.join(folder, 'secret.csv'), 'a\n1\n')
    fs.writeFileSync(path.join(inside, 'ok.csv'), 'a\n1\n')
    const session = await engine({
      allowedDirectories: [inside],
      tempDirectory: path.join(folder, 'tmp'),
    }).openSession()
    expect((await session.query(`SELECT * FROM read_csv('${inside}/ok.csv')`)).rows).toEqual([[1]])
    for (const sql of [
      `SELECT * FROM read_csv('${folder}/secret.csv')`,
      `SELECT * FROM read_csv('${inside}/../secret.csv')`,
      `COPY (SELECT 1) TO '${folder}/out.parquet'`,
      `ATTACH '${folder}/x.db'`,
    ]) {
      await expect(session.query(sql)).rejects.toMatchObject({ code: 'ENGINE_FORBIDDEN_PATH' })
    }
    await expect(session.query('SET enable_external_access = true')).rejects.toBeDefined()
  } finally {
    fs.rmSync(folder, { recursive: true })
  }
})

test('a file that was overwritten is read as it is now, also within the same second and with the same size', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tidegate-'))
  try {
    const file = path.join(folder, 'a.parquet')
    const session = await engine().openSession()
    await session.query(`COPY (SELECT i FROM range(1000) t(i)) TO '${file}' (FORMAT parquet)`)
    expect((await session.query(`SELECT count(*) FROM read_parquet('${file}')`)).rows[0]?.[0]).toBe(1000)
    const bytes = fs.readFileSync(file)
    const changed = fs.statSync(file).mtime
    fs.writeFileSync(file, Buffer.concat([bytes.subarray(0, -8), Buffer.alloc(8)]))
    fs.utimesSync(file, changed, changed)
    await expect(session.query(`SELECT count(*) FROM read_parquet('${file}')`)).rejects.toThrow(/magic bytes/)
  } finally {
    fs.rmSync(folder, { recursive: true })
  }
})

test('footers tell rows, nulls, min and max without a scan', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tidegate-it's "))
  try {
    const file = path.join(folder, 'a.parquet')
    const session = await engine().openSession()
    await session.query(
      `COPY (SELECT CASE WHEN i % 10 <> 0 THEN i - 5000 END AS n, 'x' || i AS "te""xt" FROM range(10000) t(i))
       TO '${file.replaceAll("'", "''")}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`,
    )
    const [statistics] = await session.fileStatistics([file])
    expect(statistics).toMatchObject({ file, rows: 10000, rowGroups: 5 })
    expect(statistics?.rowGroupRows).toEqual([2048, 2048, 2048, 2048, 1808])
    // Every tenth number is null: in the last group 8200 to 9990.
    expect(statistics?.columns[0]?.rowGroups.map(({ nulls, min, max }) => [nulls, min, max])).toEqual([
      [205, '-4999', '-2953'],
      [205, '-2952', '-905'],
      [205, '-904', '1143'],
      [205, '1144', '3191'],
      [180, '3192', '4999'],
    ])
    expect(statistics?.columns[1]).toMatchObject({ name: 'te"xt', type: 'VARCHAR', rowGroups: { length: 5 } })
  } finally {
    fs.rmSync(folder, { recursive: true })
  }
})

test('the child ends when its parent is killed, in the middle of a scan too', async () => {
  const program = `
    import { startEngine } from ${JSON.stringify(new URL('./engine.ts', import.meta.url).href)}
    const engine = startEngine({ threads: 1 })
    const session = await engine.openSession()
    session.query('SELECT sum(a.i * b.i) FROM range(1000000) a(i), range(1000000) b(i)').catch(() => {})
    console.log(engine.pid)
    setInterval(() => {}, 1000)`
  const parent = spawn(process.execPath, ['--conditions=tidegate:source', '--input-type=module', '-e', program], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const pid = await new Promise<number>((resolve) => parent.stdout.once('data', (data) => resolve(Number(data))))
  parent.kill('SIGKILL')
  await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false)
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // A zombie that nobody reaps yet counts as dead.
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
