/** The worker's side of the value tester: a thread that prepares a test and answers which values fail it. */
import { parentPort } from 'node:worker_threads'
import { prepareTest, type PreparedTest } from './prepare-test.ts'
import type { WorkerAnswer, WorkerRequest } from './worker-protocol.ts'

const port = parentPort
let prepared: PreparedTest | undefined

if (port !== null) {
  // What a plug-in prints must not mix with results.
  process.stdout.write = process.stderr.write.bind(process.stderr)
  port.on('message', (request: WorkerRequest) => {
    void answer(request).then((message) => port.postMessage(message))
  })
  port.postMessage({ kind: 'ready' } satisfies WorkerAnswer)
}

async function answer(request: WorkerRequest): Promise<WorkerAnswer> {
  try {
    if (request.kind === 'prepare') {
      prepared = undefined
      prepared = await prepareTest(request.test)
      return { kind: 'prepared' }
    }
    if (prepared === undefined) return { kind: 'unusable', message: 'no test was prepared' }
    const failing: number[] = []
    for (const [index, value] of request.values.entries()) if (!prepared(value)) failing.push(index)
    return { kind: 'tested', failing }
  } catch (error) {
    return { kind: 'unusable', message: error instanceof Error ? error.message : String(error) }
  }
}
