/**
 * The process of one attempt: opens the project, does the job, says how it ended, and ends.
 *
 * It ends with its daemon: when the channel closes it stops what it does, and after five seconds it is gone whatever it was
 * in the middle of; the commit protocol takes a kill at any point. The same where it was told to stop and does not, but then
 * the daemon decides when.
 */
import { codeOf, messageOf } from '@tidegate/core'
import type { AttemptResult, FromAttempt, ToAttempt } from './attempt-protocol.ts'
import { carryOut } from './carry-out.ts'
import { openMeter } from './progress-meter.ts'

const TELL_EVERY_MS = 500
const GONE_AFTER_MS = 5000

// Why it is to stop, the daemon knows: for the job it is an interruption.
const stopping = new AbortController()
const stop = (): void => stopping.abort('interrupted')
let isStarted = false

process.on('message', (message: ToAttempt) => {
  if (message.kind === 'stop') stop()
  else if (!isStarted) void work(message)
})
process.on('disconnect', () => {
  if (!isStarted) killSelf()
  stop()
  setTimeout(killSelf, GONE_AFTER_MS).unref()
})
// The daemon's shell sends Ctrl-C to its own group only, an operator may send it here.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop())

// A mistake of ours: said with its words, not with the last line of a stack.
process.on('uncaughtException', (error) => {
  const message = messageOf(error)
  process.stderr.write(`${error.stack ?? message}\n`)
  tell(
    {
      kind: 'end',
      result: { outcome: 'failed', errorCode: codeOf(error) ?? 'INTERNAL', errorMessage: message, summary: null },
    },
    killSelf,
  )
})

async function work(start: Extract<ToAttempt, { kind: 'start' }>): Promise<void> {
  isStarted = true
  const meter = openMeter(TELL_EVERY_MS, Date.now, (events) => tell({ kind: 'events', events }))
  // What was held back is told also when the pipeline is silent for long.
  const timer = setInterval(() => meter.flush(), TELL_EVERY_MS)
  let result: AttemptResult
  try {
    result = await carryOut(start, (event) => meter.hear(event), stopping.signal)
  } catch (error) {
    result = {
      outcome: stopping.signal.aborted ? 'interrupted' : 'failed',
      errorCode: codeOf(error) ?? 'INTERNAL',
      errorMessage: messageOf(error),
      summary: null,
    }
  }
  clearInterval(timer)
  meter.flush()
  // Then nothing is left to do: what a tracer still has to send keeps the process for as long as `disconnect` above lets it.
  tell({ kind: 'end', result }, () => {
    if (process.connected) process.disconnect()
  })
}

/** With its group: an engine in the middle of a scan hears nothing. */
function killSelf(): void {
  try {
    process.kill(-process.pid, 'SIGKILL')
  } catch {
    process.kill(process.pid, 'SIGKILL')
  }
}

function tell(message: FromAttempt, told: () => void = () => {}): void {
  if (process.connected) process.send?.(message, told)
}
