/** What a control file says of the data file beside it: a number of rows, or JSON with `rows`, `bytes`, `sha256`. */
import type { Reason } from '@tidegate/core'

export interface Expected {
  /** Path of the control file below the source's root. */
  readonly control: string
  readonly rows?: number | undefined
  readonly bytes?: number | undefined
  /** Lower-case hex. */
  readonly sha256?: string | undefined
}

/** More than any control file has; a data file under its name is not read into memory. */
export const CONTROL_BYTES = 65_536

/** The numbers in a control file; a text where nothing can be made of it. */
export function parseControl(text: string, control: string): Expected | string {
  const trimmed = text.replace(/^\uFEFF/, '').trim()
  if (trimmed === '') return 'is empty'
  const plain = countOf(trimmed)
  if (plain !== undefined) return { control, rows: plain }
  let value: unknown
  try {
    value = JSON.parse(trimmed)
  } catch {
    return 'is neither a number nor JSON'
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'is neither a number nor a JSON object'
  const { rows, bytes, sha256 } = value as Record<string, unknown>
  const expected = { control, rows: countOf(rows), bytes: countOf(bytes), sha256: hashOf(sha256) }
  for (const [key, written] of Object.entries({ rows, bytes, sha256 })) {
    if (written !== undefined && expected[key as 'rows'] === undefined) return `has a \`${key}\` that cannot be read`
  }
  if (expected.rows === undefined && expected.bytes === undefined && expected.sha256 === undefined)
    return 'names none of rows, bytes and sha256'
  return expected
}

function countOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined
  if (typeof value !== 'string' || !/^\d{1,15}$/.test(value)) return undefined
  return Number(value)
}

function hashOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^[0-9a-f]{64}$/i.test(value) ? value.toLowerCase() : undefined
}

/** Where bytes or hash disagree with the file; its rows are counted when it is read. */
export function judgeBytes(
  { control, bytes, sha256 }: Expected,
  actual: { readonly sizeBytes: number; readonly contentHash: string },
): Reason | undefined {
  if (bytes !== undefined && bytes !== actual.sizeBytes)
    return mismatch(control, `${bytes} bytes, and the file has ${actual.sizeBytes}`)
  if (sha256 !== undefined && sha256 !== actual.contentHash)
    return mismatch(control, `SHA-256 ${sha256}, and the file has ${actual.contentHash}`)
  return undefined
}

export function judgeRows({ control, rows }: Expected, actualRows: number): Reason | undefined {
  if (rows === undefined || rows === actualRows) return undefined
  return mismatch(control, `${rows} rows, and the file has ${actualRows}`)
}

export function mismatch(control: string, words: string): Reason {
  return { check: 'CONTROL_MISMATCH', severity: 'critical', message: `${JSON.stringify(control)} says ${words}` }
}
