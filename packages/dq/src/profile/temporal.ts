import { parseInstant } from '../expression/instant.ts'

/** Milliseconds since 1970 of `2001-01-31` or `2001-01-31 13:05:00.5+00`; undefined for `infinity`, BC and the like. */
export function parseTemporal(text: string): number | undefined {
  const nanoseconds = parseInstant(text)
  return nanoseconds === undefined ? undefined : Number(nanoseconds) / 1e6
}

/** The year of a moment, UTC. */
export function yearOf(timeMs: number): number {
  return new Date(timeMs).getUTCFullYear()
}

export const DAY_MS = 86_400_000
export const YEAR_MS: number = 365.25 * DAY_MS
