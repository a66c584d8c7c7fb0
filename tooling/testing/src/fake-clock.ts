import type { Clock } from '@tidegate/core'

/** A clock that moves only when told. */
export interface FakeClock extends Clock {
  advance(ms: number): void
  set(ms: number): void
}

/** 2021-01-01T00:00:00Z: where a {@link makeFakeClock} starts unless told. */
export const REFERENCE_TIME_MS = 1_609_459_200_000

/** @param startMs Unix milliseconds. @defaultValue {@link REFERENCE_TIME_MS} */
export function makeFakeClock(startMs: number = REFERENCE_TIME_MS): FakeClock {
  let nowMs = startMs
  return {
    nowMs: () => nowMs,
    advance(ms) {
      nowMs += ms
    },
    set(ms) {
      nowMs = ms
    },
  }
}
