/** Every exit code of design §5, each produced for real. */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runProcess, runJson, startCli } from './testing/run-cli.ts'
import { ORDERS_YAML, countOrders, ordersCsv, ordersProject, smallProject } from './testing/small-project.ts'

const projects: { remove(): void }[] = []
const kept = <Project extends { remove(): void }>(project: Project): Project => {
  projects.push(project)
  return project
}
afterAll(() => projects.forEach((project) => project.remove()))

/** A module that is imported before the command line and acts when a run reaches a phase. */
function onPhase(directory: string, phase: string, act: string): string {
  const file = path.join(directory, `on-${phase}.mjs`)
  writeFileSync(
    file,
    `import diagnostics from 'node:diagnostics_channel'
import { existsSync, writeSync } from 'node:fs'
let done = false
diagnostics.subscribe('tidegate:phase', ({ phase }) => {
  if (done || phase !== ${JSON.stringify(phase)}) return
  done = true
  ${act}
})
`,
  )
  return file
}

const BAD_ROW = 'id,amount,city\n901,5000,Oslo\n'

test('0: everything was loaded', async () => {
  const { directory } = kept(ordersProject({ 'landing/a.csv': ordersCsv(1, 5) }))
  expect((await runProcess(['ingest'], { cwd: directory })).exitCode).toBe(0)
})

test('1: the only source cannot be run, its folder is missing', async () => {
  const { directory } = kept(ordersProject())
  const { exitCode, stdout } = await runProcess(['ingest'], { cwd: directory })
  expect(stdout).toContain('SOURCE_MISSING')
  expect(exitCode).toBe(1)
})

test('2: the configuration is wrong', async () => {
  const { directory } = kept(smallProject({ 'tidegate.yaml': 'version: 1\nsorces: {}\n' }))
  expect((await runProcess(['ingest'], { cwd: directory })).exitCode).toBe(2)
  expect((await runProcess(['ingest', 'nobody'], { cwd: kept(ordersProject()).directory })).exitCode).toBe(2)
})

test('3: only a gate failed; the good file is loaded', async () => {
  const { directory } = kept(ordersProject({ 'landing/good.csv': ordersCsv(1, 5), 'landing/bad.csv': BAD_ROW }))
  const { exitCode, json } = await runJson(['ingest'], { cwd: directory })
  expect(json['totals']).toMatchObject({ loaded: 1, held: 1, rowsRead: 6, rowsLoaded: 5, rowsQuarantined: 1 })
  expect(exitCode).toBe(3)
  // --threshold is laid over the contract; a failed critical check holds whatever the score.
  const lenient = await runJson(['files', 'retry', 'bad.csv', '--threshold', '0'], { cwd: directory })
  expect(lenient.exitCode).toBe(3)
})

test('4: a file cannot be read; the others are loaded', async () => {
  const project = kept(ordersProject({ 'landing/good.csv': ordersCsv(1, 5), 'landing/empty.csv': '' }))
  const { exitCode, json } = await runJson(['ingest'], { cwd: project.directory })
  expect(json['totals']).toMatchObject({ loaded: 1, held: 1 })
  expect(exitCode).toBe(4)
})

test('5: another run holds the lease; it is not disturbed', async () => {
  const { directory } = kept(ordersProject({ 'landing/a.csv': ordersCsv(1, 5) }))
  const go = path.join(directory, 'go')
  const wait = `writeSync(2, 'LEASED\\n')
  while (!existsSync(${JSON.stringify(go)})) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)`
  const first = startCli(['ingest'], { cwd: directory, preload: onPhase(directory, 'leased', wait) })
  await first.said('LEASED')
  const second = await runProcess(['ingest'], { cwd: directory })
  writeFileSync(go, '')
  expect(second.stdout).toContain('LEASE_HELD')
  expect(second.stdout).toContain(String(first.process.pid))
  expect(second.exitCode).toBe(5)
  expect((await first.result).exitCode).toBe(0)
  expect(await countOrders(directory)).toEqual({ rows: 5, ids: 5 })
})

test.for([
  ['SIGINT', 130, 'staged'],
  ['SIGTERM', 143, 'entry-durable'],
] as const)('%s: exit code %i; the next run loads the rest exactly once', async ([signal, code, phase]) => {
  const files = Object.fromEntries(
    Array.from({ length: 12 }, (_, index) => [`landing/${index}.csv`, ordersCsv(index * 200, 200)]),
  )
  const { directory } = kept(ordersProject(files))
  const preload = onPhase(directory, phase, `process.kill(process.pid, '${signal}')`)
  const stopped = await runProcess(['ingest'], { cwd: directory, preload })
  expect(stopped.stderr).toContain('what is committed stays')
  expect(stopped.exitCode).toBe(code)
  const resumed = await runJson(['ingest'], { cwd: directory })
  expect(resumed.exitCode).toBe(0)
  expect(await countOrders(directory)).toEqual({ rows: 2400, ids: 2400 })
})

test('a SIGTERM to check and profile ends them with 143 and leaves nothing behind', async () => {
  const { directory } = kept(smallProject({ 'tidegate.yaml': ORDERS_YAML, 'landing/a.csv': ordersCsv(1, 200_000) }))
  const running = startCli(['check', 'landing'], { cwd: directory, env: { TMPDIR: directory } })
  await running.said('check: started')
  running.process.kill('SIGTERM')
  expect((await running.result).exitCode).toBe(143)
})
