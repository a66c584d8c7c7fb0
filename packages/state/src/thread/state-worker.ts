// One thread of openStateInThread: a state, and whoever started it calls its methods.
import { parentPort, workerData } from 'node:worker_threads'
import { openState } from '../open-state.ts'
import { toSentError } from './errors.ts'
import { openPeer } from './open-peer.ts'
import type { ThreadOptions, ThreadReady } from './thread-protocol.ts'

const port = parentPort
if (port !== null) {
  try {
    const state = await openState({ ...(workerData as ThreadOptions), nowMs: Date.now })
    openPeer(port, state as unknown as Record<string, unknown>)
    const methods = Object.entries(state).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []))
    const ready: ThreadReady = { kind: 'ready', path: state.path, schemaVersion: state.schemaVersion, methods }
    port.postMessage(ready)
  } catch (error) {
    port.postMessage({ kind: 'not-opened', error: toSentError(error) } satisfies ThreadReady)
  }
}
