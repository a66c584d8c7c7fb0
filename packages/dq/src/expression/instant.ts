/** Dates and times as nanoseconds, read from ISO 8601 (bounds in contracts) and from the engine's own spelling. */
export const DAY_NS = 86_400_000_000_000n

/**
 * Nanoseconds since 1970-01-01 UTC of `2001-01-31`, `2001-01-31T13:05`, `2001-01-31 13:05:00.5+02:00`, `…Z`. Without a
 * zone: UTC. Undefined: not such a text, or no such day.
 */
export function parseInstant(text: string): bigint | undefined {
  const match = /^([0-9]{4,6})-([0-9]{2})-([0-9]{2})(?:[T ](.+))?$/.exec(text.trim())
  if (match === null) return undefined
  const [, year = '', month = '', day = '', rest] = match
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined
  const midnight = BigInt(date.getTime()) * 1_000_000n
  if (rest === undefined) return midnight
  const zone = /^(.*?)\s*(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?$/i.exec(rest)
  const time = parseTimeOfDay(zone?.[1] ?? '')
  return time === undefined ? undefined : midnight + time - zoneOffset(zone?.[2])
}

/** Nanoseconds since midnight of `13:05`, `13:05:00.123456789`. */
export function parseTimeOfDay(text: string): bigint | undefined {
  const match = /^([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?$/.exec(text)
  if (match === null) return undefined
  const [, hour = '0', minute = '0', second = '0', fraction = ''] = match
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  const seconds = BigInt(hour) * 3600n + BigInt(minute) * 60n + BigInt(second)
  return seconds * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'))
}

/** `2001-01-31` of days since 1970. */
export function dateText(days: bigint): string {
  const [text = ''] = new Date(Number(days) * 86_400_000).toISOString().split('T')
  return text.replace(/^\+0*/, '')
}

/** `13:05:00.000123456`. */
export function timeText(nanoseconds: bigint): string {
  const seconds = nanoseconds / 1_000_000_000n
  const pad = (value: bigint, length = 2): string => value.toString().padStart(length, '0')
  const fraction = pad(nanoseconds % 1_000_000_000n, 9).replace(/(000){1,3}$/, '')
  const clock = `${pad(seconds / 3600n)}:${pad((seconds / 60n) % 60n)}:${pad(seconds % 60n)}`
  return fraction === '' ? clock : `${clock}.${fraction}`
}

/** `2001-01-31 13:05:00.5` in UTC, without a zone. */
export function instantText(nanoseconds: bigint): string {
  const ofDay = ((nanoseconds % DAY_NS) + DAY_NS) % DAY_NS
  return `${dateText((nanoseconds - ofDay) / DAY_NS)} ${timeText(ofDay)}`
}

function zoneOffset(zone: string | undefined): bigint {
  if (zone === undefined || zone.toUpperCase() === 'Z') return 0n
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0')
  const minutes = BigInt(digits.slice(0, 2)) * 60n + BigInt(digits.slice(2))
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000_000_000n
}
