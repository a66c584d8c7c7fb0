/**
 * The doctor's child: a process that reads bytes we do not trust.
 *
 * It has no state that matters. It ends with its parent: when the channel closes (also because the parent was killed), it
 * removes its temp files and kills itself, since a graceful exit would wait for a running scan.
 */
import { flushCompileCache } from 'node:module'

import { diagnose } from '../diagnose/diagnose.ts'
import { removeTempsNow } from '../repair/temp-files.ts'
import { toPlainError } from './plain-error.ts'
import type { DoctorAnswer, DoctorProgress, DoctorRequest, DoctorTask, TaskValue } from './protocol.ts'

const PROGRESS_EVERY_MS = 100

const running = new Map<number, AbortController>()
let memoryBytes: number | undefined

process.on('disconnect', () => {
  removeTempsNow()
  process.kill(process.pid, 'SIGKILL')
})
// The terminal sends Ctrl-C to the whole group; the parent decides what to stop and when.
process.on('SIGINT', () => {})
process.on('message', (request: DoctorRequest) => {
  switch (request.kind) {
    case 'start':
      memoryBytes = request.memoryBytes
      return
    case 'abort':
      running.get(request.id)?.abort()
      return
    case 'task':
      void answer(request.id, request.task)
  }
})

async function answer(id: number, task: DoctorTask): Promise<void> {
  const controller = new AbortController()
  running.set(id, controller)
  let message: DoctorAnswer
  try {
    message = { kind: 'result', id, value: await run(id, task, controller.signal) }
  } catch (error) {
    message = { kind: 'error', id, error: toPlainError(error) }
  }
  running.delete(id)
  tell(message)
  // Where Node keeps compiled modules it writes them at exit, and this process is killed.
  flushCompileCache()
}

/** Loads only what a task needs: a diagnosis of many files should start fast. */
async function run(id: number, task: DoctorTask, signal: AbortSignal): Promise<TaskValue> {
  const onProgress = throttled((progress) => tell({ kind: 'progress', id, progress }))
  switch (task.kind) {
    case 'diagnose':
      return await diagnose(
        { path: task.path },
        { ...task.request, signal, onProgress: (done) => onProgress({ stage: 'read', ...done }) },
      )
    case 'plan': {
      const { planRepair } = await import('../repair/plan-repair.ts')
      const { summarize } = await import('../repair/report.ts')
      return summarize(
        await planRepair({ path: task.path }, { ...task.repair, signal, onProgress, tempToken: task.token }),
      )
    }
    case 'repair': {
      const { runRepair } = await import('../repair/repair.ts')
      return await runRepair(task.path, task.out, {
        ...task.repair,
        signal,
        onProgress,
        tempToken: task.token,
        engine: { place: 'here', memoryBytes },
        onReady: (report) => tell({ kind: 'ready', id, report }),
      })
    }
  }
}

/** At most ten a second; the first of a stage always. */
function throttled(send: (progress: DoctorProgress) => void): (progress: DoctorProgress) => void {
  let stage: string | undefined
  let last = 0
  return (progress) => {
    const now = performance.now()
    if (progress.stage === stage && now - last < PROGRESS_EVERY_MS) return
    stage = progress.stage
    last = now
    send(progress)
  }
}

function tell(message: DoctorAnswer): void {
  process.send?.(message)
}
