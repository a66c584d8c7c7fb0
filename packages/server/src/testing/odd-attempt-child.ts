/** An attempt that does what its order's argument `do` says, without a project. */
import type { AttemptResult, FromAttempt, ToAttempt } from '../runs/attempt-protocol.ts'

let isDeaf = false
let onStop = (): void => {}
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.on('SIGTERM', () => !isDeaf && onStop())
process.on('message', (message: ToAttempt) => {
  if (message.kind === 'start') act(message.order.args['do'], message.order.attempt)
  else if (!isDeaf) onStop()
})

function act(what: unknown, attempt: number): void {
  tell({ kind: 'events', events: [{ atMs: Date.now(), kind: 'note', data: { pid: process.pid } }] })
  switch (what) {
    case 'ok':
      return end({ outcome: 'ok', summary: { filesLoaded: 1 } })
    case 'fail':
      return end({ outcome: 'failed', errorCode: 'ENGINE_SQL', errorMessage: 'no luck' })
    case 'fail-twice':
      return end(
        attempt < 3 ? { outcome: 'failed', errorCode: 'ENGINE_SQL', errorMessage: 'no luck' } : { outcome: 'ok' },
      )
    case 'held-once':
      return end(attempt === 1 ? { outcome: 'lease-held', errorCode: 'LEASE_HELD' } : { outcome: 'ok' })
    case 'crash':
      process.stderr.write('out of luck\n', () => process.exit(3))
      return
    case 'die-once':
      if (attempt === 1) process.kill(process.pid, 'SIGKILL')
      return end({ outcome: 'ok' })
    case 'late':
      onStop = () => end({ outcome: 'interrupted', errorCode: 'CANCELLED', errorMessage: 'stopped' })
      setTimeout(() => end({ outcome: 'ok' }), 700)
      return
    case 'shout':
      return shout()
    case 'deaf':
      isDeaf = true
      return
    default:
      // Works until it is asked to stop.
      onStop = () => end({ outcome: 'interrupted', errorCode: 'CANCELLED', errorMessage: 'stopped' })
  }
}

/** 10 MB in one line, then 5,000 lines. */
function shout(): void {
  for (let times = 0; times < 10; times += 1) process.stdout.write('x'.repeat(1_000_000))
  for (let times = 0; times < 10; times += 1) process.stderr.write('x'.repeat(1_000_000))
  for (let line = 0; line < 5000; line += 1) process.stderr.write(`\nline ${line}`)
  process.stderr.write('\n', () => end({ outcome: 'ok' }))
}

function end(result: Partial<AttemptResult>): void {
  const whole = { outcome: 'ok', errorCode: null, errorMessage: null, summary: null, ...result } as AttemptResult
  tell({ kind: 'end', result: whole }, () => process.exit(0))
}

function tell(message: FromAttempt, told: () => void = () => {}): void {
  process.send?.(message, told)
}
