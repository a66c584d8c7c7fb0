import { isUtf8 } from 'node:buffer'

/** Below this a loop is faster than the call of the native check. */
const SHORT = 48

/** True when [from, to) is valid UTF-8 (no surrogates, no overlong forms). */
export function isUtf8Range(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from > SHORT) return isUtf8(bytes.subarray(from, to))
  for (let at = from; at < to; at++) if ((bytes[at] as number) > 127) return isUtf8(bytes.subarray(at, to))
  return true
}

/** A byte that cannot begin a character. */
export function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}
