import { TidegateError } from '@tidegate/core'

interface Range {
  readonly code: string
  readonly whole: boolean
  readonly min: number
  readonly max: number
}

const MANY = 1_000_000_000

/** The numbers that options take, whatever the command. */
const RANGES: Readonly<Record<string, Range>> = {
  workers: { code: 'USAGE_WORKERS', whole: true, min: 1, max: 256 },
  threshold: { code: 'USAGE_THRESHOLD', whole: false, min: 0, max: 100 },
  'exit-code-no-data': { code: 'USAGE_EXIT_CODE', whole: true, min: 0, max: 255 },
  part: { code: 'USAGE_PART', whole: true, min: 1, max: MANY },
  port: { code: 'USAGE_PORT', whole: true, min: 0, max: 65_535 },
  limit: { code: 'USAGE_LIMIT', whole: true, min: 1, max: MANY },
  sample: { code: 'USAGE_SAMPLE', whole: true, min: 0, max: MANY },
  'sample-rows': { code: 'USAGE_SAMPLE', whole: true, min: 0, max: MANY },
}

/** Refuses numbers out of range before anything is opened. @throws TidegateError `USAGE_…` */
export function checkNumbers(args: Readonly<Record<string, unknown>>): void {
  for (const [name, { code, whole, min, max }] of Object.entries(RANGES)) {
    const value = args[name]
    if (typeof value !== 'number') continue
    if (value >= min && value <= max && (!whole || Number.isInteger(value))) continue
    const kind = whole ? 'a whole number' : 'a number'
    const range = max === MANY && value < min ? `of at least ${min}` : `from ${min} to ${max.toLocaleString('en-US')}`
    throw new TidegateError(code, `--${name} takes ${kind} ${range}, not ${value}`)
  }
}
