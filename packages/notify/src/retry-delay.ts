const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** The schedule that the Standard Webhooks specification recommends: about three days in all. */
const DELAYS_MS: readonly number[] = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
]

/**
 * How long to wait after the `attempts`-th attempt (1 is the first) failed, or undefined when it is time to give up.
 * A longer wait that the receiver asked for wins.
 */
export function retryDelayMs(attempts: number, retryAfterMs = 0): number | undefined {
  const delay = DELAYS_MS[attempts - 1]
  return delay === undefined ? undefined : Math.max(delay, retryAfterMs)
}
