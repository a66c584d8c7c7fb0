/** The whole way with real processes: job → child → pipeline → target. */
import { execFileSync, fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { trace } from '@opentelemetry/api'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { openRunnerBench, type RunnerBench } from '../testing/runner-bench.ts'
import { smallProject, type SmallProject } from '../testing/small-project.ts'
import { spawnAttempts } from './spawn-attempt.ts'

const KILLING = fileURLToPath(new URL('../testing/killing-attempt-child.ts', import.meta.url))
const HOST = fileURLToPath(new URL('../testing/runner-host.ts', import.meta.url))

const TRACER = fileURLToPath(new URL('../testing/trace-to-file.ts', import.meta.url))

interface Phase {
  readonly name: string
  readonly parent: string
}

let project: SmallProject
let bench: RunnerBench
beforeEach(async () => {
  project = smallProject()
  bench = await openRunnerBench(project.state)
})
afterEach(async () => {
  await bench.close()
  project.remove()
})

const exporter = new InMemorySpanExporter()
beforeAll(() => {
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
})
afterAll(() => trace.disable())

test('killed right after its commit, a run goes on as the next attempt, and each file is loaded once', async () => {
  project.land('orders', 'a.csv', 500)
  project.land('orders', 'b.csv', 20)
  await bench.add('j', { source: 'orders', args: { killAt: ['entry-durable'] }, maxAttempts: 1 })
  await bench.add('gone', { maxAttempts: 1 })
  const spans = path.join(project.directory, 'spans')
  const env = { ...process.env, NODE_OPTIONS: `--import=${pathToFileURL(TRACER).href}`, OTEL_TEST_FILE: spans }
  bench.start({ startAttempt: spawnAttempts({ place: project, entry: KILLING, env }) })
  const job = await bench.until('j', 'ok', 'nothing-new', 'dead')
  expect(job).toMatchObject({ state: 'nothing-new', attempts: 2, failedAttempts: 0 })
  expect(await bench.outcomes('j')).toEqual(['interrupted', 'nothing-new'])
  expect(project.loaded('orders')).toEqual(['a.csv', 'b.csv'])
  // The attempts are runs of the pipeline under the names that the job knows them by.
  const runs = await bench.state.listRuns({ source: 'orders', limit: 10 })
  const attempts = await bench.state.listAttempts('j')
  expect(runs.map(({ id }) => id).toSorted()).toEqual(attempts.map(({ run }) => run).toSorted())
  // Phases of both attempts are children of their spans, in the trace that their process was told of.
  const [killed, finished] = exporter.getFinishedSpans().filter(({ attributes }) => attributes['tidegate.job'] === 'j')
  const phases = readFileSync(spans, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Phase) // prettier-ignore
  const phasesOf = (span: ReadableSpan | undefined): readonly string[] =>
    phases.filter(({ parent }) => parent === span?.spanContext().spanId).map(({ name }) => name)
  expect(phasesOf(killed)).toContain('tidegate.staged')
  expect(phasesOf(killed)).not.toContain('tidegate.indexed')
  expect(phasesOf(finished)).toContain('tidegate.recovered')
  // Beside it, a job of a source that is not configured any more.
  expect(await bench.until('gone', 'dead')).toMatchObject({ errorCode: 'CONFIG_UNKNOWN_SOURCE' })
})

test('when a whole daemon is killed in the middle, its processes end and another one on the same state finishes what it had begun', async () => {
  for (let file = 0; file < 20; file += 1) project.land('orders', `${file}.csv`, 2000)
  await bench.add('j', { source: 'orders' })
  const host = fork(HOST, [project.directory], {
    execArgv: ['--conditions=tidegate:source', '--disable-warning=ExperimentalWarning'],
    stdio: 'ignore',
  })
  await expect.poll(() => stagesOf('j'), { timeout: 40_000, interval: 20 }).toContain('identify')
  const family = descendantsOf(host.pid ?? 0)
  expect(family.length).toBeGreaterThan(0)
  host.kill('SIGKILL')
  expect(await bench.state.getJob('j')).toMatchObject({ state: 'running' })
  const adopting = bench.start({ startAttempt: spawnAttempts({ place: project }) })
  const job = await bench.until('j', 'ok', 'nothing-new', 'dead')
  expect(['ok', 'nothing-new']).toContain(job.state)
  expect(job.failedAttempts).toBe(0)
  const [first, ...later] = await bench.outcomes('j')
  expect(first).toBe('interrupted')
  // While the killed daemon's child still ends, its source is held.
  expect(later.filter((outcome) => outcome !== 'lease-held')).toEqual([job.state])
  expect(project.loaded('orders').toSorted()).toEqual(Array.from({ length: 20 }, (_, file) => `${file}.csv`).toSorted())
  await expect.poll(() => running().filter(({ pid }) => family.includes(pid)), { timeout: 10_000 }).toEqual([])
  await adopting.close()
})

/** What it started, and what that started. */
function descendantsOf(pid: number): readonly number[] {
  const all = running()
  const children = (parent: number): readonly number[] =>
    all.flatMap((each) => (each.parent === parent ? [each.pid, ...children(each.pid)] : []))
  return children(pid)
}

function running(): readonly { readonly pid: number; readonly parent: number }[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' }).trim().split('\n')
  return lines.flatMap((line) => {
    const [pid, parent, state = ''] = line.trim().split(/\s+/)
    // A zombie is gone; who should have heard of its end was killed.
    return state.startsWith('Z') ? [] : [{ pid: Number(pid), parent: Number(parent) }]
  })
}

async function stagesOf(job: string): Promise<readonly unknown[]> {
  return (await bench.state.listJobEvents(job, 0, 1000)).map(({ data }) => data['stage'])
}
