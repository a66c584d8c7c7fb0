/** Pages, byte by byte: the encodings in their simplest form, written from the format's description. */
import type { PageLeaf } from '../pages/decode-levels.ts'

export interface HeaderParts {
  /** 0 data V1, 1 index, 2 dictionary, 3 data V2. */
  readonly type: number
  readonly uncompressed: number
  readonly compressed?: number
  readonly crc?: number
  /** Fields of the struct of the type, by id; a boolean is a flag. Default: see {@link page}. */
  readonly fields: readonly (readonly [id: number, value: number | boolean | Uint8Array])[]
}

export const REQUIRED_INT32: PageLeaf = {
  physicalType: 1,
  typeLength: undefined,
  maxDefinitionLevel: 0,
  maxRepetitionLevel: 0,
}
export const OPTIONAL_INT32: PageLeaf = { ...REQUIRED_INT32, maxDefinitionLevel: 1 }
export const REQUIRED_TEXT: PageLeaf = { ...REQUIRED_INT32, physicalType: 6, text: true }

export function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  while (rest > 127) {
    bytes.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  return [...bytes, rest]
}

export function zigzag(value: number): number[] {
  return varint(value >= 0 ? value * 2 : -value * 2 - 1)
}

/** The bytes of a PageHeader. A `Uint8Array` among the fields stands for a struct and is put in as it is. */
export function header({ type, uncompressed, compressed = uncompressed, crc, fields }: HeaderParts): Uint8Array {
  const bytes = [0x15, ...zigzag(type), 0x15, ...zigzag(uncompressed), 0x15, ...zigzag(compressed)]
  if (crc !== undefined) bytes.push(0x15, ...zigzag(crc | 0))
  const id = type + 5
  bytes.push(((id - (crc === undefined ? 3 : 4)) << 4) | 12)
  let last = 0
  for (const [field, value] of fields) {
    const kind = value instanceof Uint8Array ? 12 : typeof value === 'boolean' ? (value ? 1 : 2) : 5
    bytes.push(((field - last) << 4) | kind)
    if (value instanceof Uint8Array) bytes.push(...value)
    else if (typeof value === 'number') bytes.push(...zigzag(value))
    last = field
  }
  return Uint8Array.from([...bytes, 0, 0])
}

/** A V1 data page, uncompressed. */
export function dataPage(body: Uint8Array, values: number, encoding = 0): Uint8Array {
  return join(header({ type: 0, uncompressed: body.length, fields: v1Fields(values, encoding) }), body)
}

export function v1Fields(values: number, encoding = 0, level = 3): (readonly [number, number])[] {
  return [
    [1, values],
    [2, encoding],
    [3, level],
    [4, level],
  ]
}

export function v2Fields(
  values: number,
  nulls: number,
  rows: number,
  encoding: number,
  definitionBytes: number,
  repetitionBytes: number,
  compressed?: boolean,
): (readonly [number, number | boolean])[] {
  const numbers = [values, nulls, rows, encoding, definitionBytes, repetitionBytes]
  const fields = numbers.map((value, index) => [index + 1, value] as const)
  return compressed === undefined ? fields : [...fields, [7, compressed] as const]
}

export function dictionaryPage(body: Uint8Array, values: number): Uint8Array {
  const fields = [
    [1, values],
    [2, 0],
  ] as const
  return join(header({ type: 2, uncompressed: body.length, fields }), body)
}

/** A run of one repeated value. */
export function run(value: number, count: number, bitWidth: number): number[] {
  const bytes = [...varint(count * 2)]
  for (let index = 0; index < Math.ceil(bitWidth / 8); index++) bytes.push(Math.floor(value / 256 ** index) % 256)
  return bytes
}

/** A run of packed values, filled up with zeros to a multiple of eight. */
export function packed(values: readonly number[], bitWidth: number): number[] {
  const groups = Math.ceil(values.length / 8)
  return [...varint(groups * 2 + 1), ...pack(values, bitWidth, groups * bitWidth)]
}

/** Values from the lowest bit up, in `length` bytes. */
export function pack(values: readonly number[], bitWidth: number, length: number): number[] {
  const bits = values.flatMap((value) => Array.from({ length: bitWidth }, (_, bit) => Math.floor(value / 2 ** bit) % 2))
  return Array.from({ length }, (_, at) =>
    bits.slice(at * 8, at * 8 + 8).reduce((byte, bit, place) => byte + bit * 2 ** place, 0),
  )
}

/** Runs with their length before them, as V1 pages have their levels. */
export function withLength(runs: readonly number[]): number[] {
  return [...int32(runs.length), ...runs]
}

export function int32(value: number): number[] {
  return [value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255]
}

/** PLAIN byte arrays. */
export function plainTexts(...texts: readonly (string | Uint8Array)[]): number[] {
  return texts.flatMap((text) => {
    const bytes = Buffer.from(text as string)
    return [...int32(bytes.length), ...bytes]
  })
}

/** DELTA_BINARY_PACKED with blocks of 128 values in 4 miniblocks. */
export function delta(values: readonly number[]): number[] {
  const bytes = [...varint(128), ...varint(4), ...varint(values.length), ...zigzag(values[0] ?? 0)]
  const differences = values.slice(1).map((value, index) => value - (values[index] as number))
  for (let at = 0; at < differences.length; at += 128) {
    const block = differences.slice(at, at + 128)
    const least = Math.min(...block)
    const minis = [0, 1, 2, 3].map((mini) => block.slice(mini * 32, mini * 32 + 32).map((value) => value - least))
    const widths = minis.map((mini) => (mini.length === 0 ? 0 : Math.max(...mini).toString(2).length))
    bytes.push(...zigzag(least), ...widths)
    for (const [index, mini] of minis.entries())
      bytes.push(...pack(mini, widths[index] as number, 4 * (widths[index] as number)))
  }
  return bytes
}

export function join(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}
