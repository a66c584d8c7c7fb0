/** Milliseconds of `90s`, `30m`, `24h`, `2d`, `1w`, `1.5 hours`, or undefined if it is no length of time. */
export function parseAge(text: string): number | undefined {
  const match = /^\s*([0-9]+(?:\.[0-9]+)?)\s*([a-z]+)\s*$/i.exec(text)
  const unit = UNITS[(match?.[2] ?? '').toLowerCase().replace(/(?<=..)s$/, '')]
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit
}

/** Units of time in milliseconds; months, quarters and years at their longest (31, 92 and 366 days). */
export const UNITS: Readonly<Record<string, number>> = Object.assign(Object.create(null) as Record<string, number>, {
  ms: 1,
  millisecond: 1,
  s: 1000,
  sec: 1000,
  second: 1000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  w: 7 * 86_400_000,
  week: 7 * 86_400_000,
  month: 31 * 86_400_000,
  quarter: 92 * 86_400_000,
  year: 366 * 86_400_000,
})

/** `3 h 20 min`, `2 d 4 h`: the two largest units that count. */
export function ageText(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`
  const parts: string[] = []
  let rest = Math.floor(ms / 1000)
  for (const [name, seconds] of [
    ['d', 86_400] as const,
    ['h', 3600] as const,
    ['min', 60] as const,
    ['s', 1] as const,
  ]) {
    const count = Math.floor(rest / seconds)
    rest -= count * seconds
    if (count > 0) parts.push(`${count} ${name}`)
    if (parts.length === 2 || (parts.length === 1 && count === 0)) break
  }
  return parts.join(' ')
}
