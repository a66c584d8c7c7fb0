import type { RunRecord } from '@tidegate/core'

/** Runs like the given one that found nothing new, evenly over the window. */
export function idleRuns(
  like: RunRecord | undefined,
  amount: number,
  sinceMs: number,
  untilMs: number,
): readonly RunRecord[] {
  if (like === undefined) return []
  const everyMs = Math.floor((untilMs - sinceMs) / (amount + 1))
  return Array.from({ length: amount }, (_, at) => idleRun(like, at, sinceMs + (at + 1) * everyMs))
}

function idleRun(like: RunRecord, at: number, startedAtMs: number): RunRecord {
  const nothing = { filesLoaded: 0, filesHeld: 0, filesFailed: 0, rowsRead: 0, rowsLoaded: 0, rowsRejected: 0 }
  const well = { status: 'nothing-new' as const, errorCode: null, errorMessage: null }
  return { ...like, ...nothing, ...well, id: `idle-${at}`, startedAtMs, endedAtMs: startedAtMs + 100, bytesRead: 0 }
}
