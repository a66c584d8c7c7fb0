/** Amounts for people. Every one of these is shown beside its exact value (a title, or the table twin). */
import { bytes as wordedBytes, percent as wordedPercent } from '@tidegate/monitor'

const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const EXACT = new Intl.NumberFormat('en-US', { maximumFractionDigits: 6 })

export const NOTHING = '–'

/** `1,234` up to 99,999, then `123k`, `1.23M`, `4.5B`. */
export function count(value: number | null | undefined): string {
  if (!isNumber(value)) return NOTHING
  const size = Math.abs(value)
  if (size < 100_000) return size < 10 && !Number.isInteger(value) ? short(value) : WHOLE.format(value)
  for (const [unit, name] of COUNT_UNITS) if (size >= unit * 0.99995) return `${short(value / unit)}${name}`
  return WHOLE.format(value)
}

const COUNT_UNITS = [
  [1e12, 'T'],
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const

/** `1,234,567`: for titles and tables. */
export function exact(value: number | null | undefined): string {
  return isNumber(value) ? EXACT.format(value) : NOTHING
}

/** `512 B`, `1.4 MB`, as the sentences of the views say it. */
export function bytes(value: number | null | undefined): string {
  return isNumber(value) ? wordedBytes(value) : NOTHING
}

/** `99.9 %`. Never `100 %` for what is below 100, nor `0 %` for what is above 0. */
export function percent(value: number | null | undefined): string {
  return isNumber(value) ? wordedPercent(value) : NOTHING
}

/** `+3.2 %`, `−12`: the sign is always there, zero is `±0`. */
export function signed(value: number | null | undefined, format: (value: number) => string): string {
  if (!isNumber(value)) return NOTHING
  if (value === 0) return '±0'
  return `${value > 0 ? '+' : '−'}${format(Math.abs(value))}`
}

function short(value: number): string {
  const size = Math.abs(value)
  return trim(size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : value.toFixed(2))
}

function trim(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

function isNumber(value: number | null | undefined): value is number {
  return value !== null && value !== undefined && Number.isFinite(value)
}
