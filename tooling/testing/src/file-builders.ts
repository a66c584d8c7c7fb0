import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Session } from '@tidegate/core'

/**
 * Writes the rows of a SELECT as a Parquet file.
 *
 * @param options.rowGroupRows @defaultValue DuckDB's own (122,880)
 * @param options.compression @defaultValue 'snappy'
 */
export async function writeParquet(
  session: Session,
  file: string,
  select: string,
  options: { readonly rowGroupRows?: number; readonly compression?: 'snappy' | 'zstd' | 'uncompressed' } = {},
): Promise<string> {
  mkdirSync(path.dirname(file), { recursive: true })
  const settings = ['FORMAT parquet', `COMPRESSION ${options.compression ?? 'snappy'}`]
  if (options.rowGroupRows !== undefined) settings.push(`ROW_GROUP_SIZE ${options.rowGroupRows}`)
  await session.query(`COPY (${select}) TO ${session.dialect.literal(file)} (${settings.join(', ')})`)
  return file
}

/** Copies the first `share` (0 to 1) of a file's bytes: an upload that broke off. */
export function writeTruncatedCopy(source: string, target: string, share: number): string {
  const bytes = readFileSync(source)
  return writeBytes(target, bytes.subarray(0, Math.floor(bytes.length * share)))
}

/** An HTML error page under a data file's name: what a proxy hands out with status 200. */
export function writeErrorPage(file: string): string {
  return writeBytes(file, Buffer.from('<!doctype html><title>503</title><h1>Service unavailable</h1>\n'))
}

export interface CsvStyle {
  /** @defaultValue ',' */
  readonly delimiter?: string
  /** @defaultValue '\n' */
  readonly newline?: string
  /** `windows-1252` throws on characters that it does not have. @defaultValue 'utf-8' */
  readonly encoding?: 'utf-8' | 'utf-8-bom' | 'utf-16le' | 'windows-1252'
  /** @defaultValue false */
  readonly gzip?: boolean
}

/** Writes rows of cells as CSV; the first row is the header. Cells are quoted where they must be; null is empty. */
export function writeCsv(
  file: string,
  rows: readonly (readonly (string | number | null)[])[],
  style: CsvStyle = {},
): string {
  const delimiter = style.delimiter ?? ','
  const newline = style.newline ?? '\n'
  const text = rows.map((row) => row.map((cell) => csvCell(cell, delimiter)).join(delimiter) + newline).join('')
  const bytes = encodeText(text, style.encoding ?? 'utf-8')
  return writeBytes(file, style.gzip === true ? gzipSync(bytes) : bytes)
}

function csvCell(cell: string | number | null, delimiter: string): string {
  const text = cell === null ? '' : String(cell)
  return text.includes(delimiter) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function encodeText(text: string, encoding: NonNullable<CsvStyle['encoding']>): Buffer {
  if (encoding === 'windows-1252') return encodeWindows1252(text)
  if (encoding === 'utf-16le') return Buffer.from(`\uFEFF${text}`, 'utf16le')
  return Buffer.from(encoding === 'utf-8-bom' ? `\uFEFF${text}` : text, 'utf8')
}

/** The one encoding of daily life that Node can read but not write. */
export function encodeWindows1252(text: string): Buffer {
  return Buffer.from(
    Array.from(text, (character) => {
      const code = WINDOWS_1252.get(character)
      if (code === undefined) throw new RangeError(`windows-1252 has no ${JSON.stringify(character)}`)
      return code
    }),
  )
}

const WINDOWS_1252: ReadonlyMap<string, number> = new Map(
  Array.from({ length: 256 }, (_, code) => [new TextDecoder('windows-1252').decode(Uint8Array.of(code)), code]),
)

/** Names that break whoever builds paths, SQL or YAML by gluing text. All are legal on Linux and macOS. */
export const HOSTILE_NAMES: readonly string[] = [
  "it's.parquet",
  'two words.parquet',
  'double"quote.parquet',
  'semi;colon.parquet',
  "'; DROP TABLE runs; --.parquet",
  '[bracket].parquet',
  'star*.parquet',
  '{a,b}.parquet',
  'hash#1.parquet',
  'percent%20.parquet',
  'back\\slash.parquet',
  'new\nline.parquet',
  'Zürich-東京-🚲.parquet',
  '..dots..parquet',
  '-rf.parquet',
]

/** Moves a file's mtime into the past, so that it counts as settled. @param ageMs @defaultValue one hour */
export function settle(file: string, ageMs: number = 3_600_000): string {
  const at = new Date(Date.now() - ageMs)
  utimesSync(file, at, at)
  return file
}

function writeBytes(file: string, bytes: Uint8Array): string {
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, bytes)
  return file
}
