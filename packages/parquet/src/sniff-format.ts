import type { Diagnosis } from '@tidegate/core'

export type Detected = Diagnosis['detected']

/**
 * Tells what a file is by its first and last bytes (a few KiB each are enough; text is told by up to 64 KiB of head).
 * `name` decides only where the bytes leave it open: CSV and plain text look alike.
 */
export function sniffFormat(head: Uint8Array, tail: Uint8Array, name: string): Detected {
  if (head.length === 0) return 'empty'
  const latin = Buffer.from(head.buffer, head.byteOffset, head.byteLength)
  const signature = bySignature(latin)
  if (signature !== undefined) return signature
  const end = Buffer.from(tail.buffer, tail.byteOffset, tail.byteLength).subarray(-4).toString('latin1')
  if (end === 'PAR1' || end === 'PARE') return 'parquet'
  const text = decodeHead(head)
  return text === undefined ? 'binary' : sniffText(text, name)
}

const SIGNATURES: readonly (readonly [string, Detected])[] = [
  ['PAR1', 'parquet'],
  ['PARE', 'parquet'],
  ['\x1f\x8b', 'gzip'],
  ['\x28\xb5\x2f\xfd', 'zstd'],
  ['PK\x03\x04', 'zip'],
  ['PK\x05\x06', 'zip'],
  ['ORC', 'orc'],
  ['Obj\x01', 'avro'],
  ['ARROW1', 'arrow'],
  ['SQLite format 3\0', 'sqlite'],
  ['version https://git-lfs.github.com/spec/', 'lfs-pointer'],
]

function bySignature(head: Buffer): Detected | undefined {
  return SIGNATURES.find(([bytes]) => head.subarray(0, bytes.length).toString('latin1') === bytes)?.[1]
}

/** The head as text, or undefined when it is not text. Undecodable bytes pass: they may be windows-1252. */
export function decodeHead(head: Uint8Array): string | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return new TextDecoder('utf-16le').decode(head)
  if (head[0] === 0xfe && head[1] === 0xff) return new TextDecoder('utf-16be').decode(head)
  return isBinary(head) ? undefined : new TextDecoder('utf-8').decode(head)
}

/** A NUL, or more than one control character in a hundred bytes. */
export function isBinary(bytes: Uint8Array): boolean {
  if (bytes.includes(0)) return true
  let controls = 0
  for (const byte of bytes)
    if ((byte < 32 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13 && byte !== 27) || byte === 127)
      controls++
  return controls * 100 > bytes.length
}

/** Tells text formats apart. */
export function sniffText(text: string, name: string): Detected {
  const start = text.trimStart()
  if (/^<(!doctype\s+html|html|head|body)\b/i.test(start)) return 'html'
  if (start.startsWith('version https://git-lfs.github.com/spec/')) return 'lfs-pointer'
  const json = sniffJson(start)
  if (json !== undefined) return json
  if (/\.(csv|tsv|psv)(\.(gz|zst|gzip|zstd))?$/i.test(name)) return 'csv'
  return looksDelimited(text) ? 'csv' : 'text'
}

function sniffJson(start: string): 'json' | 'ndjson' | undefined {
  // An array of values; `[` alone could begin a CSV line.
  if (/^\[\s*(["[{\d\]-]|null|true|false|$)/.test(start)) return firstLineIsJson(start) ? 'ndjson' : 'json'
  if (!/^\{\s*(["}]|$)/.test(start)) return undefined
  return firstLineIsJson(start) ? 'ndjson' : 'json'
}

/** True when the first line is a whole JSON value and another one follows. */
function firstLineIsJson(start: string): boolean {
  const newline = start.indexOf('\n')
  if (newline === -1) return false
  if (!/^\s*[[{]/.test(start.slice(newline))) return false
  try {
    JSON.parse(start.slice(0, newline))
    return true
  } catch {
    return false
  }
}

function looksDelimited(text: string): boolean {
  const lines = text.split(/\r\n|\n|\r/, 12).filter((line) => line !== '')
  const complete = lines.length > 2 ? lines.slice(0, -1) : lines
  return [',', ';', '\t', '|'].some((delimiter) => {
    const counts = complete.map((line) => line.split(delimiter).length)
    return complete.length > 1 && (counts[0] ?? 0) > 1 && counts.every((count) => count === counts[0])
  })
}
