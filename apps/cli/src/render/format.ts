/**
 * Numbers, sizes and times for people. What was not measured (null, NaN) is `–`, never 0.
 * Decimal point and thousands comma everywhere, whatever the locale: output is compared and pasted.
 */

/** Shown for what was not measured. */
export const NONE = '–'

const counts: Intl.NumberFormat = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const decimals: Intl.NumberFormat = new Intl.NumberFormat('en-US', {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
})

/** `1,234,567`. Fractions are rounded. */
export function formatCount(value: number | bigint | null | undefined): string {
  if (value === null || value === undefined) return NONE
  if (typeof value === 'number' && !Number.isFinite(value)) return NONE
  return counts.format(value)
}

/** Like {@link formatCount} with its noun: `1 file`, `2 files`. `plural` defaults to the noun with an s. */
export function formatAmount(value: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(value)} ${value === 1 ? noun : plural}`
}

const BYTE_UNITS = ['kB', 'MB', 'GB', 'TB', 'PB', 'EB'] as const

/** Powers of 1000: `999 B`, `1.5 kB`, `12.0 GB`. */
export function formatBytes(bytes: number | bigint | null | undefined): string {
  if (bytes === null || bytes === undefined) return NONE
  const value = Number(bytes)
  if (!Number.isFinite(value)) return NONE
  if (Math.abs(value) < 999.5) return `${counts.format(value)} B`
  let scaled = value
  let unit = 'B'
  for (const next of BYTE_UNITS) {
    scaled /= 1000
    unit = next
    // 999.95 would be printed as 1,000.0 of this unit.
    if (Math.abs(scaled) < 999.95) break
  }
  return `${decimals.format(scaled)} ${unit}`
}

/** `850 ms`, `12.3 s`, `3 min 05 s`, `2 h 03 min`, `4 d 07 h`. */
export function formatDuration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return NONE
  if (ms < 0) return `-${formatDuration(-ms)}`
  if (Math.round(ms) < 1000) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${decimals.format(ms / 1000)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`
  const hours = Math.floor(minutes / 60)
  return `${counts.format(Math.floor(hours / 24))} d ${two(hours % 24)} h`
}

/** `1,234 rows/s`, `3.5 files/s`, `12.0 MB/s`. */
export function formatRate(perSecond: number | null | undefined, unit: 'rows' | 'files' | 'bytes'): string {
  if (perSecond === null || perSecond === undefined || !Number.isFinite(perSecond)) return NONE
  if (unit === 'bytes') return `${formatBytes(perSecond)}/s`
  const number = perSecond < 10 && perSecond > 0 ? decimals.format(perSecond) : counts.format(perSecond)
  return `${number} ${unit}/s`
}

/** `12 s ago`, `5 min ago`, `3 h ago`, `2 d ago`, `in 5 min`, `never` for null. */
export function formatAge(nowMs: number, thenMs: number | null | undefined): string {
  if (thenMs === null || thenMs === undefined || !Number.isFinite(thenMs)) return 'never'
  const distance = nowMs - thenMs
  const seconds = Math.floor(Math.abs(distance) / 1000)
  if (seconds === 0) return 'now'
  const text = coarse(seconds)
  return distance < 0 ? `in ${text}` : `${text} ago`
}

/** `99.9 %` from 0–100. What is not all is never shown as 100, what is not nothing never as 0. */
export function formatPercent(percent: number | null | undefined, digits = 1): string {
  if (percent === null || percent === undefined || !Number.isFinite(percent)) return NONE
  const step = 10 ** -digits
  const rounded = percent.toFixed(digits)
  if (percent > 0 && Number(rounded) === 0) return `<${step.toFixed(digits)} %`
  if (percent < 100 && Number(rounded) === 100) return `${(100 - step).toFixed(digits)} %`
  return `${Number.isInteger(percent) ? percent : rounded} %`
}

/** `2026-11-21 05:40:04Z`. */
export function formatInstant(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return NONE
  const date = new Date(ms)
  if (Number.isNaN(date.getTime())) return NONE
  return `${date.toISOString().slice(0, 19).replace('T', ' ')}Z`
}

const BLOCKS = '▁▂▃▄▅▆▇█'

/** One block per number, lowest to highest over the whole; what was not measured is a gap; all equal is a middle line, all zero a low one. */
export function sparkline(values: readonly (number | null)[]): string {
  const measured = values.filter((value) => value !== null && Number.isFinite(value)) as number[]
  const low = measured.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY)
  const high = measured.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY)
  return values
    .map((value) => {
      if (value === null || !Number.isFinite(value)) return ' '
      if (high === low) return BLOCKS[high === 0 ? 0 : 3]
      return BLOCKS[Math.round(((value - low) / (high - low)) * (BLOCKS.length - 1))]
    })
    .join('')
}

function coarse(seconds: number): string {
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`
  return `${counts.format(Math.floor(seconds / 86_400))} d`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
