/** How the values of each table look in a record: short JSON. */
import type { FileOutcome, FileVersionId, LedgerPart } from '@tidegate/core'
import type { FileFate, GonePart, HashHolders } from '../log-state.ts'
import type { TableName } from './segment-format.ts'

/** A part without what is in it: all that is needed to put it in its place. */
export type PlacedPart = Omit<LedgerPart, 'files' | 'ranges'>

/** Which rows are in a part; long where it is shared by many files, and seldom asked for. */
export type PartContents = Pick<LedgerPart, 'files' | 'ranges'>

export interface TableValues {
  readonly files: FileFate
  readonly hashes: HashHolders
  readonly parts: PlacedPart
  readonly contents: PartContents
  readonly gone: GonePart
  readonly rejected: true
  readonly consumed: true
  readonly batches: number
}

export interface Codec<V> {
  encode(value: V): unknown
  decode(value: never): V
}

type PackedFate = readonly [FileOutcome, boolean, string, number, number, readonly string[], number]

export const CODECS: { readonly [Table in TableName]: Codec<TableValues[Table]> } = {
  files: {
    encode: ({ outcome, live, hash, rowsLoaded, rows, parts, seq }): PackedFate => [outcome, live, packHash(hash), rowsLoaded, rows, parts, seq], // prettier-ignore
    decode: ([outcome, live, hash, rowsLoaded, rows, parts, seq]: PackedFate) => {
      return { outcome, live, hash: unpackHash(hash), rowsLoaded, rows, parts, seq }
    },
  },
  hashes: {
    encode: (holders) => (typeof holders === 'string' ? holders : [...holders]),
    decode: (holders: string | readonly FileVersionId[]) => (typeof holders === 'string' ? holders : new Set(holders)),
  },
  parts: { encode: (part) => part, decode: (part: PlacedPart) => part },
  contents: {
    encode: (contents) => (rangesSayFiles(contents) ? { ranges: contents.ranges } : contents),
    decode: ({ files, ranges }: PackedContents) => ({
      files: files ?? (ranges ?? []).map(({ file }) => file),
      ...(ranges === undefined ? {} : { ranges }),
    }),
  },
  gone: { encode: ({ seq, staged }) => [seq, staged], decode: ([seq, staged]: [number, string]) => ({ seq, staged }) },
  rejected: { encode: () => true, decode: () => true },
  consumed: { encode: () => true, decode: () => true },
  batches: { encode: (seq) => seq, decode: (seq: number) => seq },
}

type PackedContents = Partial<PartContents>

/** A part of a thousand files would name each of them twice. */
function rangesSayFiles({ files, ranges }: PartContents): boolean {
  return ranges !== undefined && ranges.length === files.length && ranges.every(({ file }, at) => file === files[at])
}

const SHA256_HEX = /^[0-9a-f]{64}$/

/** A third shorter for what nearly every hash is; the first character says which form it has. */
function packHash(hash: string): string {
  return SHA256_HEX.test(hash) ? `b${Buffer.from(hash, 'hex').toString('base64url')}` : `t${hash}`
}

function unpackHash(packed: string): string {
  const text = packed.slice(1)
  return packed.startsWith('b') ? Buffer.from(text, 'base64url').toString('hex') : text
}
