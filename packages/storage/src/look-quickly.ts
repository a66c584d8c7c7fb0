/**
 * Small files on a local disk, read and looked at without a thread: a tenth of what the same calls cost as promises. Who waits
 * for a disk or a mount would stop everything, so the first slow call sends those after it the other way for a while; and
 * the other work of the process has its turn every few milliseconds.
 */
import { closeSync, constants, fstatSync, openSync, readSync, statSync, type BigIntStats } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'

export interface QuickLook {
  /** What can be said at once of a path; undefined where the patient way has to be gone, also after any failure. */
  take<Result>(look: () => Result | undefined): Promise<Result | undefined>
}

/** Larger files are read in pieces, with turns between them. */
const SMALL_BYTES = 256 * 1024

const TURN_AFTER_MS = 5
const SLOW_CALL_MS = 20
const PATIENT_CALLS = 500

/** @param nowMs milliseconds that only go forward */
export function quickLook(nowMs: () => number = () => performance.now()): QuickLook {
  let turnAtMs = nowMs()
  let turn: Promise<void> | undefined
  let patient = 0
  return {
    async take(look) {
      // All who wait go on in the same turn, each after another look at the clock.
      while (nowMs() - turnAtMs > TURN_AFTER_MS) {
        turn ??= nextTurn().then(() => {
          turn = undefined
          turnAtMs = nowMs()
        })
        await turn
      }
      if (patient > 0) {
        patient -= 1
        return undefined
      }
      const startedMs = nowMs()
      try {
        return look()
      } catch {
        return undefined
      } finally {
        if (nowMs() - startedMs > SLOW_CALL_MS) patient = PATIENT_CALLS
      }
    },
  }
}

/** All bytes of a small regular file; undefined for anything else, and for one that grows meanwhile. */
export function readSmall(path: string): Buffer | undefined {
  // Not waiting: a FIFO would block an ordinary open until somebody writes to it.
  const handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stats = fstatSync(handle)
    if (!stats.isFile() || stats.size > SMALL_BYTES) return undefined
    const bytes = Buffer.allocUnsafeSlow(stats.size + 1)
    for (let filled = 0; filled < bytes.length;) {
      const read = readSync(handle, bytes, filled, bytes.length - filled, null)
      if (read === 0) return bytes.subarray(0, filled)
      filled += read
    }
    return undefined
  } finally {
    closeSync(handle)
  }
}

/** Null where there is nothing. */
export function statSmall(path: string): BigIntStats | null {
  return statSync(path, { bigint: true, throwIfNoEntry: false }) ?? null
}
