import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { freshPath, reopen } from '../testing/fresh-state.ts'
import { makeJob } from '../testing/make-job.ts'

const JOBS = 40
const SOURCES = 4

interface Took {
  readonly kind: 'took'
  readonly job: string
  readonly attempt: number
}

test('of several processes each job is taken by one, and those of one that is killed are taken over at once', async () => {
  const file = freshPath()
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const state = await reopen(file)
  for (let n = 0; n < JOBS; n += 1) {
    const id = `job ${String(n).padStart(2, '0')}`
    await state.createJob(makeJob({ id, source: `source ${String(n % SOURCES)}`, createdAtMs: n }))
  }
  const took: Took[] = []
  const met: unknown[] = []
  const children = Array.from({ length: 3 }, () => start(file, folder))
  onTestFinished(() => children.forEach((child) => child.kill('SIGKILL')))
  await Promise.all(children.map(async (child) => once(child, 'message')))

  let killed: Took | undefined
  const [victim] = children
  for (const child of children) {
    child.on('message', (message) => {
      if ((message as { readonly kind: string }).kind === 'met') return void met.push(message)
      took.push(message as Took)
      // In the middle of its third job, which it will not end.
      if (child !== victim || killed !== undefined || took.length < 9) return
      killed = message as Took
      child.kill('SIGKILL')
    })
    child.send('go')
  }
  await Promise.all(children.map(async (child) => once(child, 'exit')))

  expect(killed).toBeDefined()
  const { items } = await state.listJobs({ limit: 1000 })
  expect(items.map(({ state: is }) => is)).toEqual(Array.from({ length: JOBS }, () => 'ok'))
  expect(items.every(({ failedAttempts }) => failedAttempts === 0)).toBe(true)
  // Never two on one source, and each attempt was given to one process.
  expect(met).toEqual([])
  expect(new Set(took.map(({ job, attempt }) => `${job}/${String(attempt)}`)).size).toBe(took.length)
  const again = items.filter(({ attempts }) => attempts > 1)
  // A kill may come after the end of the attempt that was heard of; then nothing of it is repeated.
  expect(again.length).toBeLessThanOrEqual(1)
  for (const { id, attempts } of again) {
    expect((await state.listAttempts(id)).map(({ outcome }) => outcome)).toEqual(['interrupted', 'ok'])
    expect(attempts).toBe(2)
  }
})

function start(file: string, folder: string): ChildProcess {
  return fork(path.join(import.meta.dirname, '../testing/job-worker.ts'), [file, folder], {
    execArgv: ['--conditions=tidegate:source'],
  })
}
