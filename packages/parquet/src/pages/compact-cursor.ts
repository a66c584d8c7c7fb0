/**
 * A typed cursor over Thrift compact bytes for small structs that are looked for among other bytes. It builds nothing:
 * what is not asked for is passed over. Bad bytes set `failed` and make every later read a no-op.
 */
export interface CompactCursor {
  readonly bytes: Uint8Array
  at: number
  failed: '' | 'truncated' | 'invalid'
}

export const COMPACT = { TRUE: 1, FALSE: 2, I32: 5, I64: 6, BINARY: 8, LIST: 9, STRUCT: 12 } as const

const MAX_DEPTH = 12

export function openCursor(bytes: Uint8Array, at = 0): CompactCursor {
  return { bytes, at, failed: '' }
}

/** Calls `visit` for each field; what it does not read itself must be passed over with {@link skipValue}. */
export function readStruct(cursor: CompactCursor, visit: (field: number, type: number) => void): void {
  let field = 0
  for (;;) {
    const header = readByte(cursor)
    if (cursor.failed !== '' || header === 0) return
    const type = header & 15
    const step = header >> 4
    const next = step === 0 ? readI32(cursor) : field + step
    // Fields are written in order, without repetition; ids are 16 bits.
    if (type === 0 || type > 12 || next <= field || next > 32_767) return fail(cursor)
    field = next
    visit(field, type)
    if (cursor.failed !== '') return
  }
}

export function skipValue(cursor: CompactCursor, type: number, depth = 0): void {
  if (depth > MAX_DEPTH) return fail(cursor)
  switch (type) {
    case 1:
    case 2:
      return
    case 3:
      return skipBytes(cursor, 1)
    case 4:
    case 5:
    case 6:
      return skipVarint(cursor)
    case 7:
      return skipBytes(cursor, 8)
    case 8:
      return skipBytes(cursor, readVarint(cursor))
    case 9:
    case 10:
      return skipList(cursor, depth)
    case 12:
      return readStruct(cursor, (_, inner) => skipValue(cursor, inner, depth + 1))
    default:
      return fail(cursor)
  }
}

function skipList(cursor: CompactCursor, depth: number): void {
  const header = readByte(cursor)
  const type = header & 15
  const size = header >> 4 === 15 ? readVarint(cursor) : header >> 4
  if (size > 0 && (type === 0 || type > 12)) return fail(cursor)
  const perItem = type === 1 || type === 2
  for (let index = 0; index < size && cursor.failed === ''; index++)
    if (perItem) skipBytes(cursor, 1)
    else skipValue(cursor, type, depth + 1)
}

/** A zigzag number of 32 bits. */
export function readI32(cursor: CompactCursor): number {
  const value = readVarint(cursor)
  return (value >>> 1) ^ -(value & 1)
}

/** An unsigned number of at most 32 bits. */
export function readVarint(cursor: CompactCursor): number {
  let value = 0
  let factor = 1
  for (let index = 0; index < 5; index++) {
    const byte = readByte(cursor)
    value += (byte & 127) * factor
    if (byte < 128) {
      if (value <= 0xff_ff_ff_ff) return value
      break
    }
    factor *= 128
  }
  fail(cursor)
  return 0
}

function skipVarint(cursor: CompactCursor): void {
  for (let index = 0; index < 10; index++) if (readByte(cursor) < 128) return
  fail(cursor)
}

function skipBytes(cursor: CompactCursor, length: number): void {
  if (length > cursor.bytes.length - cursor.at) {
    if (cursor.failed === '') cursor.failed = 'truncated'
    return
  }
  cursor.at += length
}

function readByte(cursor: CompactCursor): number {
  const byte = cursor.failed === '' ? cursor.bytes[cursor.at] : 0
  if (byte === undefined) {
    cursor.failed = 'truncated'
    return 0
  }
  cursor.at++
  return byte
}

export function fail(cursor: CompactCursor): void {
  if (cursor.failed === '') cursor.failed = 'invalid'
}
