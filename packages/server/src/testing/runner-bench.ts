/** Runners over a real state in a temp folder, with short times. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { JobRecord, JobState, NewJob } from '@tidegate/core'
import { currentOwner, openState, type State } from '@tidegate/state'
import { openRunner, type Runner, type RunnerOptions } from '../runs/open-runner.ts'
import type { RunnerEvent } from '../runs/runner-event.ts'
import { spawnAttempts } from '../runs/spawn-attempt.ts'
import { statePlace } from './state-place.ts'

export const ODD_CHILD: string = fileURLToPath(new URL('./odd-attempt-child.ts', import.meta.url))

export interface RunnerBench {
  readonly state: State
  readonly heard: RunnerEvent[]
  /** A job with the given id; of a source of the same name unless `more` says another. */
  add(id: string, more?: Partial<NewJob>): Promise<void>
  start(more?: Partial<RunnerOptions>): Runner
  /** The job, once it is in one of these states. */
  until(id: string, ...states: readonly JobState[]): Promise<JobRecord>
  outcomes(id: string): Promise<readonly string[]>
  close(): Promise<void>
}

export async function openRunnerBench(place?: string): Promise<RunnerBench> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-'))
  const state = await openState({ path: place ?? statePlace(path.join(folder, 'state.db')), nowMs: Date.now })
  const runners: Runner[] = []
  const heard: RunnerEvent[] = []
  return {
    state,
    heard,
    async add(id, more) {
      const made = await state.createJob(newJob(id, more))
      if (!made) throw new Error(`${id} is there already`)
    },
    start(more) {
      const runner = openRunner({
        jobs: state,
        owner: currentOwner('test'),
        maxRuns: 2,
        startAttempt: spawnAttempts({ place: { directory: folder }, entry: ODD_CHILD }),
        nowMs: Date.now,
        sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => {}),
        randomShare: () => 0.5,
        report: (event) => heard.push(event),
        retriesOf: () => ({ firstDelayMs: 40, maxDelayMs: 200 }),
        timing: { pollMs: 20, beatMs: 50, adoptMs: 100, staleMs: 30_000, stopMs: 600 },
        ...more,
      })
      runners.push(runner)
      return runner
    },
    async until(id, ...states) {
      const deadline = performance.now() + 40_000
      for (;;) {
        const job = await state.getJob(id)
        if (job !== undefined && states.includes(job.state)) return job
        if (performance.now() > deadline)
          throw new Error(`${id} is ${job?.state}, heard: ${JSON.stringify(heard.slice(-10))}`)
        await delay(20)
      }
    },
    outcomes: async (id) => (await state.listAttempts(id)).map(({ outcome }) => outcome),
    async close() {
      for (const runner of runners) await runner.close()
      await state.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export function newJob(id: string, more: Partial<NewJob> = {}): NewJob {
  return {
    id,
    command: 'ingest',
    source: id,
    trigger: 'api',
    schedule: null,
    instantMs: null,
    createdBy: 'local',
    createdAtMs: Date.now(),
    notBeforeMs: 0,
    args: {},
    maxAttempts: 3,
    expiryMs: null,
    ...more,
  }
}
