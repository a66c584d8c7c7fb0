import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { closeFile } from '../../assemble/footer-builder.ts'
import { decodeFooter } from '../../decode-footer.ts'
import { viewOf } from '../../source/pieces.ts'
import { bytesSource } from '../../testing/byte-source.ts'
import { parseThrift } from '../../thrift/parse-thrift.ts'
import { replaceItem, setField } from '../../thrift/patch-thrift.ts'
import { i64, isStruct, structField, structIn } from '../../thrift/thrift-value.ts'
import { planPages } from './plan-pages.ts'

let folder: string
let session: Session
let bytes: Buffer

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidegate-'))
  session = await openDuckDB({ threads: 1 })
  const path = join(folder, 'sound.parquet')
  // Numbers of one width in every column: a page of one could pass for a page of another.
  await session.query(
    `COPY (SELECT i AS a, i + 10000 AS b, i + 20000 AS c FROM range(1000) t(i))
      TO '${path}' (FORMAT parquet, COMPRESSION uncompressed, DICTIONARY_SIZE_LIMIT 1)`,
  )
  bytes = readFileSync(path)
})

afterAll(async () => {
  await session.close()
  rmSync(folder, { recursive: true, force: true })
})

function footerOf(file: Uint8Array): ReturnType<typeof parts> {
  return parts(Buffer.from(file))
}

function parts(file: Buffer) {
  const offset = file.length - 8 - file.readUInt32LE(file.length - 8)
  const decoded = decodeFooter(file.subarray(offset, -8), { footerOffset: offset, trailingBytes: 0 })
  if (decoded.kind === 'bad') throw new Error('no footer')
  return { offset, footer: decoded.footer, tree: parseThrift(file.subarray(offset, -8)).struct }
}

/** The same data under a footer that puts column `b` elsewhere. */
function withOffsetOfB(offset: number): Uint8Array {
  const { tree, offset: end } = footerOf(bytes)
  const changed = replaceItem(tree, 4, 0, (group) =>
    isStruct(group)
      ? replaceItem(group, 1, 1, (chunk) => {
          const meta = isStruct(chunk) ? structIn(chunk, 3) : undefined
          return isStruct(chunk) && meta !== undefined
            ? setField(chunk, 3, structField(setField(meta, 9, i64(offset))))
            : chunk
        })
      : group,
  )
  return Buffer.concat([bytes.subarray(0, end), closeFile(changed)])
}

async function sumsAfter(file: Uint8Array): Promise<unknown> {
  const { footer, tree } = footerOf(file)
  const plan = await planPages(bytesSource(file), { footer, tree, steps: [] })
  if (plan.kind !== 'patched') return plan.kind
  const view = viewOf(bytesSource(file), plan.pieces)
  const path = join(folder, `${file.length}-${plan.loss.length}-${footer.rowGroups[0]?.chunks[1]?.start ?? 0}.parquet`)
  writeFileSync(path, await view.read(0, view.sizeBytes))
  const { rows } = await session.query(
    `SELECT min(a), max(a), count(b), min(b), min(c), max(c) FROM read_parquet('${path}')`,
  )
  return { values: rows[0]?.map(Number), lost: plan.loss.map(({ column, rows: span }) => [column, span]) }
}

const WITHOUT_B = { values: [0, 999, 0, 0, 20_000, 20_999], lost: [['b', [0, 1000]]] }

describe('a chunk that is not where the footer says', () => {
  it('is NULL if it would be outside of the file', async () => {
    expect(await sumsAfter(withOffsetOfB(1_000_000_000))).toEqual(WITHOUT_B)
  })

  it('is NULL if it would be where another one is', async () => {
    const { footer } = footerOf(bytes)
    for (const other of [0, 2])
      expect(await sumsAfter(withOffsetOfB(footer.rowGroups[0]?.chunks[other]?.start ?? 0))).toEqual(WITHOUT_B)
  })

  it('is found where bytes are missing before it, and not taken for its neighbour', async () => {
    const { footer } = footerOf(bytes)
    const at = (footer.rowGroups[0]?.chunks[1]?.start ?? 0) + 3000
    const cut = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 800)])
    expect(await sumsAfter(cut)).toEqual(WITHOUT_B)
    const filled = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at - 800)])
    expect(await sumsAfter(filled)).toEqual(WITHOUT_B)
  })
})
