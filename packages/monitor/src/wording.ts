/** Numbers in sentences, the same on every face. */

const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const TENTHS = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 })
const BYTE_UNITS = ['kB', 'MB', 'GB', 'TB', 'PB', 'EB']

export function count(value: number): string {
  return WHOLE.format(value)
}

/** `1 file`, `2 files`. */
export function amount(value: number, noun: string, plural = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`
}

/** `99.9 %`. What is not all is never told as 100, what is not nothing never as 0. */
export function percent(value: number | null): string {
  if (value === null) return 'unknown'
  const rounded = value.toFixed(1)
  if (value > 0 && Number(rounded) === 0) return '<0.1 %'
  if (value < 100 && Number(rounded) === 100) return '99.9 %'
  return `${Number.isInteger(value) ? value : rounded} %`
}

/** `+12.3 %`, `-4 %`. */
export function signedPercent(value: number): string {
  return `${value > 0 ? '+' : ''}${percent(value)}`
}

/** `850 ms`, `12.3 s`, `3 min 05 s`, `2 h 03 min`, `4 d 07 h`. */
export function duration(ms: number | null): string {
  if (ms === null) return 'unknown'
  if (Math.round(ms) < 1000) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${TENTHS.format(ms / 1000)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`
  const hours = Math.floor(minutes / 60)
  return `${count(Math.floor(hours / 24))} d ${two(hours % 24)} h`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

/** `1.5 MB`, by thousands. */
export function bytes(value: number): string {
  if (value < 999.5) return `${count(value)} B`
  let size = value / 1000
  let at = 0
  // 999.95 would be told as 1,000.0 of this unit.
  while (size >= 999.95 && at < BYTE_UNITS.length - 1) {
    size /= 1000
    at += 1
  }
  return `${TENTHS.format(size)} ${BYTE_UNITS[at] ?? ''}`
}

/** `a`, `a and b`, `a, b and c`; of more than `shown` the rest is counted. */
export function listing(names: readonly string[], shown = 3): string {
  if (names.length > shown) return `${names.slice(0, shown).join(', ')} and ${count(names.length - shown)} more`
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}
