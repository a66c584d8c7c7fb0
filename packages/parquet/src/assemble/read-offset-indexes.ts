import type { ByteSource } from '@tidegate/core'

import { ThriftError } from '../read-thrift.ts'
import { parseThrift } from '../thrift/parse-thrift.ts'
import { integerIn, isStruct, itemsIn, TYPE, type TypedStruct } from '../thrift/thrift-value.ts'

/** Data pages of one column chunk, as the page index lists them. */
export interface OffsetIndex {
  readonly pages: readonly { readonly offset: number; readonly firstRow: number }[]
}

const WINDOW_BYTES = 16 * 1024 * 1024

/** The offset indexes that are left behind the data, by the offset of their first page. At most 16 MiB are looked through. */
export async function readOffsetIndexes(
  source: Pick<ByteSource, 'read' | 'sizeBytes'>,
  dataEnd: number,
): Promise<ReadonlyMap<number, OffsetIndex>> {
  const length = Math.min(source.sizeBytes - dataEnd, WINDOW_BYTES)
  const bytes = Buffer.from(length > 0 ? await source.read(dataEnd, length) : [])
  const found = new Map<number, OffsetIndex>()
  for (let at = bytes.indexOf(0x19); at >= 0;) {
    const parsed = ((bytes[at + 1] ?? 0) & 15) === TYPE.STRUCT ? tryParse(bytes.subarray(at)) : undefined
    const index = parsed === undefined ? undefined : toIndex(parsed.struct, dataEnd)
    const [first] = index?.pages ?? []
    if (index !== undefined && first !== undefined) found.set(first.offset, index)
    at = bytes.indexOf(0x19, at + (index === undefined ? 1 : (parsed?.end ?? 1)))
  }
  return found
}

function toIndex(struct: TypedStruct, dataEnd: number): OffsetIndex | undefined {
  const pages: { offset: number; firstRow: number }[] = []
  let end = 4
  for (const item of itemsIn(struct, 1)) {
    if (!isStruct(item)) return undefined
    const [offset, size, firstRow] = [integerIn(item, 1), integerIn(item, 2), integerIn(item, 3)]
    if (offset === undefined || size === undefined || firstRow === undefined) return undefined
    const isBehind = pages.length === 0 ? firstRow === 0 : firstRow >= (pages.at(-1)?.firstRow ?? 0)
    if (offset < end || size <= 0 || offset + size > dataEnd || !isBehind) return undefined
    pages.push({ offset, firstRow })
    end = offset + size
  }
  return pages.length === 0 ? undefined : { pages }
}

function tryParse(bytes: Uint8Array): ReturnType<typeof parseThrift> | undefined {
  try {
    return parseThrift(bytes)
  } catch (error) {
    if (error instanceof ThriftError) return undefined
    throw error
  }
}
