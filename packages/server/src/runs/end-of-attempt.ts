import type { AttemptEnd } from '@tidegate/core'
import type { AttemptExit } from './attempt-protocol.ts'

/** Why the runner asked an attempt to stop. */
export type StopReason = 'cancelled' | 'expired' | 'drained'

/**
 * What an attempt ended as, from how its process did and why it was asked to stop. One that came to its end all the same
 * before it heard counts as what it did.
 */
export function endOf(exit: AttemptExit, reason: StopReason | undefined): Omit<AttemptEnd, 'next'> {
  if (exit.kind === 'reported' && exit.result.outcome !== 'interrupted') return exit.result
  const summary = exit.kind === 'reported' ? exit.result.summary : null
  switch (reason) {
    case 'cancelled':
      return { outcome: 'cancelled', errorCode: 'RUN_CANCELLED', errorMessage: 'stopped on request', summary }
    case 'expired':
      return { outcome: 'expired', errorCode: 'RUN_EXPIRED', errorMessage: 'it took longer than it may', summary }
    case 'drained': {
      const errorMessage = 'the daemon went down; its next start continues'
      return { outcome: 'interrupted', errorCode: 'RUN_DRAINED', errorMessage, summary }
    }
    case undefined:
      return ofItself(exit)
  }
}

function ofItself(exit: AttemptExit): Omit<AttemptEnd, 'next'> {
  switch (exit.kind) {
    case 'reported':
      return exit.result
    case 'killed': {
      const errorMessage = `its process was ended by ${exit.signal}`
      return { outcome: 'interrupted', errorCode: 'RUN_KILLED', errorMessage, summary: null }
    }
    case 'crashed': {
      const how = exit.code === null ? 'did not start' : `ended with code ${exit.code}`
      const errorMessage = `its process ${how}${exit.message === null ? '' : `: ${exit.message}`}`
      return { outcome: 'failed', errorCode: 'RUN_CRASHED', errorMessage, summary: null }
    }
  }
}
