/** Which values a type allows beyond what its bytes could hold. */
import { fromSigned } from './compare-bytes.ts'
import type { Lane, Scalar } from './bounds.ts'
import type { ValueType } from './value-type.ts'

export interface RangeRule {
  readonly code: 'PQ403' | 'PQ404' | 'PQ405'
  /** Smallest and largest that are allowed. */
  readonly lower: Scalar | undefined
  readonly upper: Scalar | undefined
  /** Beyond ± this DuckDB refuses to read the column. */
  readonly engineLimit?: bigint
  /** What is wrong with values outside: "… are outside of the years 1 to 9999". */
  readonly fault: string
}

/** What tells that dates before 1582-10-15 were written by the Julian calendar. */
export interface LegacyCalendar {
  readonly dates: boolean
  readonly int96: boolean
}

const SECONDS_PER_DAY = 86_400n
/** Days from 1970-01-01 to 0001-01-01, to 9999-12-31, and to the first day of the Gregorian calendar, 1582-10-15. */
const FIRST_DAY = -719_162n
const LAST_DAY = 2_932_896n
const GREGORIAN_DAY = -141_427n

export const YEARS = 'outside of the years 1 to 9999'
export const JULIAN =
  'before 1582-10-15 and written in the Julian calendar: readers that do not know shift them by days'

export function rangeRules(type: ValueType, lane: Lane | undefined, legacy: LegacyCalendar): readonly RangeRule[] {
  switch (type.kind) {
    case 'date':
      return [
        { code: 'PQ403', lower: FIRST_DAY, upper: LAST_DAY, fault: YEARS },
        ...(legacy.dates ? [julian(GREGORIAN_DAY)] : []),
      ]
    case 'timestamp': {
      const perDay = SECONDS_PER_DAY * type.perSecond
      return [
        {
          code: 'PQ403',
          lower: FIRST_DAY * perDay,
          upper: (LAST_DAY + 1n) * perDay - 1n,
          fault: YEARS,
          // DuckDB turns milliseconds into microseconds, which have to fit 64 bits.
          ...(type.perSecond === 1000n ? { engineLimit: (2n ** 63n - 1n) / 1000n } : {}),
        },
        ...(legacy.dates ? [julian(GREGORIAN_DAY * perDay)] : []),
      ]
    }
    case 'time':
      return [{ code: 'PQ403', lower: 0n, upper: SECONDS_PER_DAY * type.perSecond, fault: 'no time of a day' }]
    case 'decimal': {
      // Beyond this no schema means it.
      const largest = 10n ** BigInt(Math.min(type.precision, 1000)) - 1n
      const isBytes = lane === 'signed-bytes'
      return [
        {
          code: 'PQ405',
          lower: isBytes ? fromSigned(-largest) : -largest,
          upper: isBytes ? fromSigned(largest) : largest,
          fault: `beyond the ${type.precision} digits of the column`,
        },
      ]
    }
    case 'boolean':
    case 'integer':
    case 'int96':
    case 'float':
    case 'bytes':
    case 'unordered':
      return []
  }
}

function julian(lower: bigint): RangeRule {
  return { code: 'PQ404', lower, upper: undefined, fault: JULIAN }
}
