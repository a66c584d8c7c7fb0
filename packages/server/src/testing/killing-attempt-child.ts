/** The real attempt, but for its order's argument `killAt`: the marks at which the first, second, … attempt kills itself. */
import diagnostics from 'node:diagnostics_channel'
import { PHASE_CHANNEL } from '@tidegate/project'
import type { ToAttempt } from '../runs/attempt-protocol.ts'
import '../runs/attempt-child.ts'

process.on('message', (message: ToAttempt) => {
  if (message.kind !== 'start') return
  const { args, attempt } = message.order
  const killAt = Array.isArray(args['killAt']) ? args['killAt'][attempt - 1] : undefined
  diagnostics.subscribe(PHASE_CHANNEL, (mark) => {
    if ((mark as { readonly phase: string }).phase === killAt) process.kill(process.pid, 'SIGKILL')
  })
})
