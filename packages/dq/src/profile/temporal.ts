/** Milliseconds since 1970 of `2001-01-31` or `2001-01-31 13:05:00.5+00`; undefined for `infinity`, BC and the like. */
export function parseTemporal(text: string): number | undefined {
  const match = /^(\d{4,6})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(?:Z|\+00(?::?00)?)?)?$/.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0'] = match
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  date.setUTCHours(Number(hour), Number(minute), Number(second))
  const time = date.getTime()
  return Number.isNaN(time) ? undefined : time + Number(`0${fraction.startsWith('.') ? fraction : ''}`) * 1000
}

/** The year of a moment, UTC. */
export function yearOf(timeMs: number): number {
  return new Date(timeMs).getUTCFullYear()
}

export const DAY_MS = 86_400_000
export const YEAR_MS: number = 365.25 * DAY_MS
