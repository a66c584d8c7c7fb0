/** What is at one place of the file: the step of which the walk over pages is made. */
import type { ByteWindow } from './byte-window.ts'
import type { Page } from './page.ts'
import { pageEnd } from './page.ts'
import { readInlineMetadata } from './read-inline-metadata.ts'
import { readPageHeader } from './read-page-header.ts'

/** Long statistics make long headers: the window grows until the header is whole. */
const WINDOWS = [512, 64 * 1024, 1024 * 1024, 16 * 1024 * 1024] as const
/** Column metadata is built up in memory to be read; longer than this it is taken for something else. */
const INLINE_BYTES = 64 * 1024
/** A run of fewer zeros means something only if a page or the end follows it. */
const ZERO_RUN = 8

export type Sight =
  | { readonly kind: 'page'; readonly page: Page; readonly fits: boolean }
  | { readonly kind: 'zeros' | 'column-metadata'; readonly length: number }
  | { readonly kind: 'end' }
  /** `follower`: it is no page, but such as stands behind the last page of a file: an index, a filter, the footer. */
  | { readonly kind: 'nothing'; readonly follower: boolean; readonly reason: string }

/** `to`: exclusive end of what is walked over. A run of zeros is told up to 1 MiB at a time. */
export async function lookAt(window: ByteWindow, offset: number, to: number): Promise<Sight> {
  if (offset >= to) return { kind: 'end' }
  let reason = 'no page header'
  for (const size of WINDOWS) {
    const length = Math.min(size, to - offset)
    const bytes = cut(await window.from(offset, length), to - offset)
    if (bytes.length === 0) return { kind: 'end' }
    if (bytes[0] === 0) return await lookAtZeros(window, offset, to)
    const header = readPageHeader(bytes, 0, offset)
    if (header.kind === 'page') return { kind: 'page', page: header.page, fits: pageEnd(header.page) <= to }
    reason = header.reason
    const inline = readInlineMetadata(cut(bytes, INLINE_BYTES))
    if (inline.kind === 'metadata') return { kind: 'column-metadata', length: inline.metadata.length }
    const isWhole = !header.truncated && !(inline.truncated && length < INLINE_BYTES)
    if (isWhole || offset + bytes.length >= to || bytes.length < length) return nothing(bytes, reason)
  }
  return { kind: 'nothing', follower: false, reason }
}

function nothing(bytes: Uint8Array, reason: string): Sight {
  return { kind: 'nothing', follower: isFollower(bytes), reason }
}

async function lookAtZeros(window: ByteWindow, offset: number, to: number): Promise<Sight> {
  const first = window.held(offset).subarray(0, WINDOWS[0])
  const isLong = first.every((byte) => byte === 0)
  const bytes = isLong
    ? cut(await window.from(offset, Math.min(WINDOWS[2], to - offset)), to - offset)
    : cut(first, to - offset)
  let run = 0
  while (run < bytes.length && bytes[run] === 0) run++
  const end = offset + run
  const length = run
  if (run >= ZERO_RUN || end >= to) return { kind: 'zeros', length }
  const behind = readPageHeader(cut(await window.from(end, Math.min(WINDOWS[1], to - end)), to - end), 0, end)
  return behind.kind === 'page'
    ? { kind: 'zeros', length }
    : { kind: 'nothing', follower: false, reason: 'no page header' }
}

/**
 * What may stand behind the last page: OffsetIndex and ColumnIndex (a list of structs or flags), a bloom filter (a number,
 * then three structs), FileMetaData (version 1 or 2, then a list of structs), PAR1.
 */
function isFollower(bytes: Uint8Array): boolean {
  const [a, b = 0, c = 0, d = 0] = bytes
  if (a === 0x19) return (b & 15) === 12 || (b & 15) === 1 || (b & 15) === 2
  if (a === 0x50) return b === 0x41 && c === 0x52 && d === 0x31
  if (a !== 0x15) return false
  if (c === 0x19) return (b === 2 || b === 4) && (d & 15) === 12
  return bytes.subarray(1, 8).includes(0x1c) && bytes.subarray(1, 12).filter((byte) => byte === 0x1c).length >= 3
}

function cut(bytes: Uint8Array, length: number): Uint8Array {
  return bytes.length > length ? bytes.subarray(0, length) : bytes
}
