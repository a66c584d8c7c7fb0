import type { DateParts } from './dateutil-date.ts'
import { NotADate } from './dateutil-words.ts'

/** What was read so far. */
export interface Reading {
  readonly tokens: string[]
  readonly date: DateParts
  weekday: boolean
  hour: number | undefined
  minute: number | undefined
  second: number | undefined
  zoneName: string | undefined
  /** Seconds. */
  zoneOffset: number | undefined
}

/** The token at an index; there must be one. @throws NotADate */
export function tokenAt({ tokens }: Reading, index: number): string {
  const token = tokens[index]
  if (token === undefined) throw new NotADate()
  return token
}

export function hourOfHalf(hour: number, half: 'am' | 'pm'): number {
  if (half === 'pm' && hour < 12) return hour + 12
  return half === 'am' && hour === 12 ? 0 : hour
}
