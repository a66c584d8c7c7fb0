import type { ByteSource } from '@tidegate/core'

export type ZipEntry =
  | {
      readonly kind: 'entry'
      readonly name: string
      readonly method: 'stored' | 'deflated'
      /** Of its packed bytes in the archive. */
      readonly offset: number
      readonly packedBytes: number
      readonly sizeBytes: number
      readonly crc: number
    }
  | { readonly kind: 'refused'; readonly because: string }

const END_SIGNATURE = 0x06_05_4b_50
const END_BYTES = 22
const ENTRY_SIGNATURE = 0x02_01_4b_50
const ENTRY_BYTES = 46
const LOCAL_SIGNATURE = 0x04_03_4b_50
const LOCAL_BYTES = 30
const ZIP64_END_SIGNATURE = 0x06_06_4b_50
const ZIP64_LOCATOR_SIGNATURE = 0x07_06_4b_50
const MAX_COMMENT_BYTES = 65_535
/** A directory of more than this is one of many files. */
const MAX_DIRECTORY_BYTES = 1024 * 1024
const MAX_32 = 0xff_ff_ff_ff

/** The one file of a ZIP archive, by its directory (APPNOTE 6.3). Folders and what macOS adds do not count. */
export async function findZipEntry(source: ByteSource): Promise<ZipEntry> {
  const directory = await findDirectory(source)
  if (directory === undefined) return refuse('The ZIP archive has no directory: it was cut off or damaged.')
  if (directory.length > MAX_DIRECTORY_BYTES) return refuse('The ZIP archive holds many files; unpack it first.')
  const bytes = Buffer.from(await source.read(directory.offset, directory.length))
  const files = entriesOf(bytes)
  if (files === undefined) return refuse('The directory of the ZIP archive is damaged.')
  const [file] = files
  if (file === undefined) return refuse('The ZIP archive is empty.')
  if (files.length > 1) return refuse(`The ZIP archive holds ${files.length} files; unpack it first.`)
  if (file.isEncrypted) return refuse('The file in the ZIP archive is encrypted.')
  const method = file.method === 0 ? 'stored' : file.method === 8 ? 'deflated' : undefined
  if (method === undefined)
    return refuse(`The ZIP archive uses method ${file.method}; stored and deflated can be read.`)
  const local = Buffer.from(await source.read(file.localOffset, LOCAL_BYTES))
  if (local.length < LOCAL_BYTES || local.readUInt32LE(0) !== LOCAL_SIGNATURE)
    return refuse('The ZIP archive has no file where its directory says.')
  const offset = file.localOffset + LOCAL_BYTES + local.readUInt16LE(26) + local.readUInt16LE(28)
  const { name, packedBytes, sizeBytes, crc } = file
  if (offset + packedBytes > source.sizeBytes)
    return refuse('The file in the ZIP archive goes on after the archive ends.')
  return { kind: 'entry', name, method, offset, packedBytes, sizeBytes, crc }
}

function refuse(because: string): ZipEntry {
  return { kind: 'refused', because }
}

async function findDirectory(
  source: ByteSource,
): Promise<{ readonly offset: number; readonly length: number } | undefined> {
  const length = Math.min(source.sizeBytes, END_BYTES + MAX_COMMENT_BYTES)
  const from = source.sizeBytes - length
  const tail = Buffer.from(await source.read(from, length))
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== END_SIGNATURE) continue
    const directory = { offset: tail.readUInt32LE(at + 16), length: tail.readUInt32LE(at + 12) }
    const found =
      directory.offset === MAX_32 || directory.length === MAX_32 ? await zip64(source, from + at) : directory
    if (found !== undefined && found.offset + found.length <= from + at) return found
  }
  return undefined
}

async function zip64(source: ByteSource, endAt: number): Promise<{ offset: number; length: number } | undefined> {
  if (endAt < 20) return undefined
  const locator = Buffer.from(await source.read(endAt - 20, 20))
  if (locator.readUInt32LE(0) !== ZIP64_LOCATOR_SIGNATURE) return undefined
  const at = toSafe(locator.readBigUInt64LE(8))
  if (at === undefined || at + 56 > source.sizeBytes) return undefined
  const end = Buffer.from(await source.read(at, 56))
  if (end.length < 56 || end.readUInt32LE(0) !== ZIP64_END_SIGNATURE) return undefined
  const [length, offset] = [toSafe(end.readBigUInt64LE(40)), toSafe(end.readBigUInt64LE(48))]
  return length === undefined || offset === undefined ? undefined : { offset, length }
}

interface DirectoryEntry {
  readonly name: string
  readonly isEncrypted: boolean
  readonly method: number
  readonly crc: number
  readonly packedBytes: number
  readonly sizeBytes: number
  readonly localOffset: number
}

function entriesOf(bytes: Buffer): DirectoryEntry[] | undefined {
  const entries: DirectoryEntry[] = []
  for (let at = 0; at + ENTRY_BYTES <= bytes.length;) {
    if (bytes.readUInt32LE(at) !== ENTRY_SIGNATURE) break
    const nameEnd = at + ENTRY_BYTES + bytes.readUInt16LE(at + 28)
    const extraEnd = nameEnd + bytes.readUInt16LE(at + 30)
    if (extraEnd > bytes.length) return undefined
    const name = bytes.toString('utf8', at + ENTRY_BYTES, nameEnd)
    const sizes = sizesOf(bytes, at, bytes.subarray(nameEnd, extraEnd))
    if (sizes === undefined) return undefined
    if (!name.endsWith('/') && !name.startsWith('__MACOSX/'))
      entries.push({
        name,
        isEncrypted: (bytes.readUInt16LE(at + 8) & 1) !== 0,
        method: bytes.readUInt16LE(at + 10),
        crc: bytes.readUInt32LE(at + 16),
        ...sizes,
      })
    at = extraEnd + bytes.readUInt16LE(at + 32)
  }
  return entries
}

/** Numbers that do not fit into 32 bits stand in the ZIP64 extra field, in this order, only those that are needed. */
function sizesOf(
  bytes: Buffer,
  at: number,
  extra: Buffer,
): Pick<DirectoryEntry, 'packedBytes' | 'sizeBytes' | 'localOffset'> | undefined {
  const wide = wideNumbers(extra)
  const pick = (short: number): number | undefined => (short === MAX_32 ? wide.shift() : short)
  const sizeBytes = pick(bytes.readUInt32LE(at + 24))
  const packedBytes = pick(bytes.readUInt32LE(at + 20))
  const localOffset = pick(bytes.readUInt32LE(at + 42))
  return sizeBytes === undefined || packedBytes === undefined || localOffset === undefined
    ? undefined
    : { sizeBytes, packedBytes, localOffset }
}

function wideNumbers(extra: Buffer): number[] {
  const numbers: number[] = []
  for (let at = 0; at + 4 <= extra.length;) {
    const end = at + 4 + extra.readUInt16LE(at + 2)
    if (extra.readUInt16LE(at) === 1)
      for (let field = at + 4; field + 8 <= Math.min(end, extra.length); field += 8)
        numbers.push(toSafe(extra.readBigUInt64LE(field)) ?? Number.MAX_SAFE_INTEGER)
    at = end
  }
  return numbers
}

function toSafe(value: bigint): number | undefined {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : undefined
}
