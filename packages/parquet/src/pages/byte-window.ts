import type { ByteSource } from '@tidegate/core'

/** Reads a source through one window of bytes, so that neighbouring small reads cost one read. */
export interface ByteWindow {
  /** At least `length` bytes from `offset` on, fewer only at the end of the source. Valid until the next call. */
  from(offset: number, length: number): Promise<Uint8Array>
  /** The part that is already there, from `offset` on. */
  held(offset: number): Uint8Array
  /** Bytes read from the source so far. */
  spent(): number
}

const NOTHING = new Uint8Array(0)

/** `ahead`: bytes that are read at a time, more only when more are asked for. */
export function openWindow(source: ByteSource, ahead: number): ByteWindow {
  let start = 0
  let bytes: Uint8Array = NOTHING
  let spent = 0

  const held = (offset: number): Uint8Array =>
    offset >= start && offset < start + bytes.length ? bytes.subarray(offset - start) : NOTHING

  return {
    held,
    spent: () => spent,
    async from(offset, length) {
      const there = held(offset)
      if (there.length >= length || (there.length > 0 && offset + there.length >= source.sizeBytes)) return there
      if (offset >= source.sizeBytes) return NOTHING
      bytes = await source.read(offset, Math.min(Math.max(length, ahead), source.sizeBytes - offset))
      start = offset
      spent += bytes.length
      return bytes
    },
  }
}
