// Loaded into the product by `NODE_OPTIONS=--import=…` (see crash-harness.ts). Watches the phases that the product
// publishes and kills the whole process group in the middle of one, as a power cut would. Plain JavaScript, because it also
// runs in Node versions that do not strip types.
import { subscribe } from 'node:diagnostics_channel'
import { appendFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

const { TIDEGATE_CRASH: order, TIDEGATE_CRASH_REPORT: report, TIDEGATE_CRASH_LEADER: leader } = process.env

// Children inherit NODE_OPTIONS; only the leader of the group counts phases.
if (order && report && isMainThread && String(process.pid) === leader) {
  const colon = order.lastIndexOf(':')
  const phase = order.slice(0, colon)
  const nth = Number(order.slice(colon + 1))
  const seen = new Map()
  subscribe('tidegate:phase', (message) => {
    const count = (seen.get(message.phase) ?? 0) + 1
    seen.set(message.phase, count)
    if (phase === '*') appendFileSync(report, `${JSON.stringify({ ...message, nth: count })}\n`)
    else if (message.phase === phase && count === nth) {
      appendFileSync(report, `${JSON.stringify({ ...message, nth: count })}\n`)
      process.kill(-process.pid, 'SIGKILL')
      // Nothing may happen between the order and the death.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    }
  })
}
