/** INT96 timestamps: nanoseconds of the day (8 bytes), then the Julian day (4 bytes), both little-endian. */

export interface Int96Faults {
  /** Outside of the years 1 to 9999, or with more nanoseconds than a day has. */
  readonly outside: number
  readonly firstOutside: number
  /** Before 1582-10-15. */
  readonly julian: number
  readonly firstJulian: number
}

const JULIAN_DAY_OF_1970 = 2_440_588
const FIRST_DAY = JULIAN_DAY_OF_1970 - 719_162
const LAST_DAY = JULIAN_DAY_OF_1970 + 2_932_896
const GREGORIAN_DAY = JULIAN_DAY_OF_1970 - 141_427
const NANOS_PER_DAY = 86_400_000_000_000

export function checkInt96(bytes: Uint8Array, from: number, count: number): Int96Faults {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let [outside, firstOutside, julian, firstJulian] = [0, -1, 0, -1]
  for (let index = 0; index < count; index++) {
    const at = from + index * 12
    const day = view.getInt32(at + 8, true)
    const nanos = view.getUint32(at, true) + view.getInt32(at + 4, true) * 0x1_0000_0000
    // Some writers give the time before a day as a negative part of it.
    if (day < FIRST_DAY || day > LAST_DAY || nanos < -NANOS_PER_DAY || nanos > NANOS_PER_DAY) {
      if (outside++ === 0) firstOutside = index
    } else if (day < GREGORIAN_DAY && julian++ === 0) firstJulian = index
  }
  return { outside, firstOutside, julian, firstJulian }
}
