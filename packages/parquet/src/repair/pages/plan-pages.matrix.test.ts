/**
 * Every kind of damage to pages, in files of every writer: what comes back is compared with the original, cell by cell, and by
 * a second reader. Over all writers, codecs and shapes: `testing/slow/repair-matrix-*.slow.ts`.
 */
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'

import { parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { decodeFooter } from '../../decode-footer.ts'
import { viewOf } from '../../source/pieces.ts'
import { bytesSource } from '../../testing/byte-source.ts'
import { compareRows } from '../../testing/compare-rows.ts'
import { mutate } from '../../testing/mutate.ts'
import type { Truth } from '../../testing/mutation.ts'
import { PAGE_MUTATIONS } from '../../testing/mutations/page.ts'
import type { SoundFile } from '../../testing/sound-file.ts'
import { openSoundFiles, SMALL_SPECS, type SoundFiles } from '../../testing/sound-files.ts'
import { parseThrift } from '../../thrift/parse-thrift.ts'
import type { LossEntry } from '../plan.ts'
import { planPages } from './plan-pages.ts'
import { joinRanges, meetsRanges, withoutRanges } from './row-ranges.ts'

const SEEDS = [1]
/** One file of each writer; levels, checksums, small pages, and no dictionary among them. */
const SAMPLE: ReadonlySet<number> = new Set([3, 6, 7, 12])

/**
 * Where more is lost than the page that was touched, and why. A key of a map cannot be NULL, so the value goes with it.
 * Which page of several counts wrongly cannot always be told. A page behind which bytes are missing is not believed.
 */
function mayLoseMore(kind: string, file: SoundFile): boolean {
  return file.spec.shape === 'map' || kind.startsWith('page-values-') || kind.startsWith('bytes-')
}

let files: SoundFiles
const chosen: SoundFile[] = []
const originals = new Map<SoundFile, readonly Row[]>()

beforeAll(async () => {
  files = await openSoundFiles()
  for (const spec of SMALL_SPECS.filter((_, index) => SAMPLE.has(index))) {
    const file = await files.get(spec)
    chosen.push(file)
    originals.set(file, await rowsOf(file.bytes))
  }
})

afterAll(async () => {
  await files.close()
})

test('sound files of every writer are intact', async () => {
  for (const file of chosen) {
    const plan = await planOf(file.bytes)
    expect([file.name, plan?.kind, plan?.findings]).toEqual([file.name, 'intact', []])
  }
})

describe('a plan for damaged pages keeps every other cell', () => {
  for (const [turn, { kind }] of PAGE_MUTATIONS.entries())
    test(kind, async () => {
      // Two of the four files each.
      for (const file of chosen.filter((_, index) => index % 2 === turn % 2))
        for (const seed of SEEDS) {
          const mutated = mutate(file, kind, seed)
          if (mutated === undefined) continue
          const fault = await faultOf(file, mutated.bytes, mutated.truth)
          expect([file.name, seed, fault]).toEqual([file.name, seed, undefined])
        }
    })
})

/** What is wrong with the plan, or undefined. Damage that the bytes do not show cannot be asked of it. */
async function faultOf(file: SoundFile, bytes: Uint8Array, truth: Truth): Promise<string | undefined> {
  if (!truth.expected.detectable) return undefined
  const plan = await planOf(bytes)
  if (plan === undefined) return undefined
  if (plan.kind !== 'patched') return plan.kind
  const view = viewOf(bytesSource(bytes), plan.pieces)
  const repaired = new Uint8Array(await view.read(0, view.sizeBytes))
  const offset = footerOffset(bytes)
  if (Buffer.compare(repaired.subarray(0, offset), bytes.subarray(0, offset)) !== 0) return 'the prefix has changed'
  const { session, folder } = files
  const compared = await compareRows({
    session,
    folder: mkdtempSync(join(folder, 'case-')),
    original: file,
    repaired,
  })
  if (compared.cellsFalse > 0) return `${compared.cellsFalse} cells are false`
  const lossCells = plan.loss.reduce((sum, { cells }) => sum + cells, 0)
  if (compared.cellsNulled > lossCells) return `${compared.cellsNulled} cells are NULL, ${lossCells} are listed`
  if (!mayLoseMore(truth.kind, file)) {
    const extra = lostBesides(truth, plan.loss, file)
    if (extra > 0) return `${extra} cells of intact pages are lost`
  }
  return await unlistedChange(file, repaired, plan.loss)
}

async function planOf(bytes: Uint8Array): Promise<Awaited<ReturnType<typeof planPages>> | undefined> {
  const offset = footerOffset(bytes)
  const end = bytes.length - 8
  const decoded =
    offset < 4 ? undefined : decodeFooter(bytes.subarray(offset, end), { footerOffset: offset, trailingBytes: 0 })
  if (decoded?.kind !== 'ok') return undefined
  const tree = parseThrift(bytes.subarray(offset, end)).struct
  return await planPages(bytesSource(bytes), { footer: decoded.footer, tree, steps: [] })
}

/** Negative where there is no footer. */
function footerOffset(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return bytes.at(-1) === 0x31 ? bytes.length - 8 - view.getUint32(bytes.length - 8, true) : -1
}

/** Cells in the loss list that are of no damaged page. */
function lostBesides(truth: Truth, loss: readonly LossEntry[], file: SoundFile): number {
  let extra = 0
  for (const { rowGroup, column, rows } of loss) {
    const leaf = file.layout.leaves.findIndex(({ path }) => path.join('.') === column)
    const touched = truth.intact.damagedPages.filter((page) => page.rowGroup === rowGroup && page.leaf === leaf)
    const ranges = joinRanges(touched.map(({ rows: [from, to] }) => ({ from, to })))
    const span = { from: rows?.[0] ?? 0, to: rows?.[1] ?? 0 }
    for (const { from, to } of withoutRanges(span, ranges)) extra += to - from
  }
  return extra
}

type Row = Readonly<Record<string, unknown>>

async function rowsOf(bytes: Uint8Array): Promise<readonly Row[]> {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
  return await parquetReadObjects({ file, compressors })
}

/** As hyparquet reads both files: the first cell outside of the loss list that is not as it was. */
async function unlistedChange(
  file: SoundFile,
  repaired: Uint8Array,
  loss: readonly LossEntry[],
): Promise<string | undefined> {
  const before = originals.get(file) ?? []
  const after = await rowsOf(repaired)
  if (after.length !== before.length) return `hyparquet reads ${after.length} rows of ${before.length}`
  for (const { rows, firstRow, index } of file.layout.rowGroups.map((group, at) => ({ ...group, index: at })))
    for (const name of Object.keys(before[0] ?? {})) {
      const entries = loss.filter(({ rowGroup, column }) => rowGroup === index && column?.split('.')[0] === name)
      const lost = joinRanges(entries.map((entry) => ({ from: entry.rows?.[0] ?? 0, to: entry.rows?.[1] ?? 0 })))
      for (let row = 0; row < rows; row++) {
        if (meetsRanges({ from: row, to: row + 1 }, lost)) continue
        if (textOf(after[firstRow + row]?.[name]) !== textOf(before[firstRow + row]?.[name]))
          return `hyparquet reads another ${name} in row ${row} of group ${index}`
      }
    }
  return undefined
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner)) ?? 'undefined'
}
