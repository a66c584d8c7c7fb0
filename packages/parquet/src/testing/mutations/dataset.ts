/** Folders with things in them that are no data, or not the data of this table; and siblings that do not fit. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'

import type { FindingCode } from '@tidegate/core'

import { mutate } from '../mutate.ts'
import { seededRandom, type SeededRandom } from '../seeded-random.ts'
import type { Shape, SoundFile, SoundSpec } from '../sound-file.ts'
import type { SoundFiles } from '../sound-files.ts'
import { tableQuery } from '../writers/table-queries.ts'

export interface DatasetEntry {
  /** Below the folder, with slashes. */
  readonly path: string
  readonly bytes: Uint8Array
}

export interface Dataset {
  readonly entries: readonly DatasetEntry[]
  readonly truth: DatasetTruth
}

export interface DatasetTruth {
  readonly kind: string
  readonly seed: number
  /** Codes due per path; a path that is not named must have no finding of severity warn or above. */
  readonly due: Readonly<Record<string, readonly FindingCode[]>>
  /** Sound data files of the table. */
  readonly data: readonly string[]
  /** A damaged file and the file offered as its sibling, which must be refused or at most give a weak result. */
  readonly wrongSibling: { readonly damaged: string; readonly sibling: string } | undefined
}

type Make = (folder: Folder) => Promise<void> | void

/** A folder while it is being made. */
interface Folder {
  readonly files: SoundFiles
  readonly random: SeededRandom
  readonly parts: readonly SoundFile[]
  readonly add: (path: string, bytes: Uint8Array, ...due: readonly FindingCode[]) => void
  readonly data: string[]
  offer: DatasetTruth['wrongSibling']
}

const KINDS: Readonly<Record<string, Make>> = {
  'success-marker': ({ add }) => add('_SUCCESS', new Uint8Array(), 'PQ501'),
  'metadata-file': ({ add, parts }) => {
    const { bytes, layout } = parts[0] as SoundFile
    const magic = new TextEncoder().encode('PAR1')
    add('_metadata', new Uint8Array(Buffer.concat([magic, bytes.subarray(layout.footer[0])])), 'PQ501')
  },
  'temporary-folder': ({ add, random }) => add('_temporary/0/part-00009.parquet', random.bytes(300), 'PQ502'),
  'file-in-progress': ({ add, random }) => add('part-00009.parquet.inprogress', random.bytes(300), 'PQ502'),
  'checksum-sidecar': ({ add, parts }) => {
    for (const [index, { bytes }] of parts.entries()) add(sidecarOf(index), hadoopChecksums(bytes), 'PQ501')
  },
  'wrong-checksum-sidecar': ({ add, parts, random }) => {
    const bytes = hadoopChecksums((parts[1] as SoundFile).bytes)
    const at = 8 + random.below(bytes.length - 8)
    bytes[at] = (bytes[at] as number) ^ 1
    add(sidecarOf(1), bytes, 'PQ506')
  },
  'schema-drift': async ({ add, files }) =>
    add('part-00009.parquet', (await files.get(spec('required', 'hyparquet-writer'))).bytes, 'PQ503'),
  'zero-rows': async ({ add, files, data }) => {
    const path = join(files.folder, 'empty.parquet')
    await files.session.query(
      `COPY (SELECT * FROM (${tableQuery('three')}) WHERE false) TO ${files.session.dialect.literal(path)} (FORMAT parquet)`,
    )
    add('part-00009.parquet', new Uint8Array(readFileSync(path)), 'PQ504')
    data.push('part-00009.parquet')
  },
  'duplicate-file': ({ add, parts }) => add('part-00009.parquet', (parts[0] as SoundFile).bytes, 'PQ505'),
  'delta-log': ({ add }) =>
    add('_delta_log/00000000000000000000.json', new TextEncoder().encode('{"commitInfo":{}}\n'), 'PQ501'),
  'wrong-sibling': wrongSibling('flat', 'nested'),
  'same-width-wrong-sibling': wrongSibling('required', 'list'),
  'one-column-sibling': wrongSibling('three', 'one'),
}

export const DATASET_KINDS: readonly string[] = Object.keys(KINDS)

/** A folder of three sound files of one table, and what the kind adds. Deterministic per kind and seed. */
export async function mutateDataset(files: SoundFiles, kind: string, seed: number): Promise<Dataset> {
  const make = KINDS[kind]
  if (make === undefined) throw new Error(`no kind of dataset is called ${kind}`)
  const parts = await Promise.all(
    [spec('three', 'duckdb'), spec('three', 'arrow-rs'), spec('three', 'hyparquet-writer')].map(
      async (each) => await files.get(each),
    ),
  )
  const entries: DatasetEntry[] = parts.map(({ bytes }, index) => ({ path: partName(index), bytes }))
  const due: Record<string, readonly FindingCode[]> = {}
  const folder: Folder = {
    files,
    parts,
    random: seededRandom(seed, kind),
    add: (path, bytes, ...codes) => {
      entries.push({ path, bytes })
      if (codes.length > 0) due[path] = codes
    },
    data: entries.map(({ path }) => path),
    offer: undefined,
  }
  await make(folder)
  return { entries, truth: { kind, seed, due, data: folder.data, wrongSibling: folder.offer } }
}

function wrongSibling(damaged: Shape, sibling: Shape): Make {
  return async (folder) => {
    const writer = damaged === 'required' ? 'hyparquet-writer' : 'duckdb'
    const file = await folder.files.get(spec(damaged, writer))
    const without = mutate(file, 'footer-removed', 1)
    folder.add('damaged.parquet', without?.bytes ?? file.bytes, 'PQ603')
    folder.add('sibling.parquet', (await folder.files.get(spec(sibling, 'duckdb'))).bytes)
    folder.offer = { damaged: 'damaged.parquet', sibling: 'sibling.parquet' }
  }
}

function spec(shape: Shape, writer: SoundSpec['writer']): SoundSpec {
  const pages = writer === 'hyparquet-writer' ? 2 : 1
  return { writer, shape, codec: 'snappy', pages, dictionary: true, smallPages: false, checksums: false }
}

function partName(index: number): string {
  return `part-0000${index}.parquet`
}

function sidecarOf(index: number): string {
  return `.${partName(index)}.crc`
}

/** What Hadoop's local file system puts beside a file: `crc\0`, the block size, then a CRC-32 per block, big-endian. */
function hadoopChecksums(bytes: Uint8Array): Uint8Array {
  const blocks = Math.ceil(bytes.length / 512)
  const sidecar = Buffer.alloc(8 + 4 * blocks)
  sidecar.write('crc\0', 'latin1')
  sidecar.writeUInt32BE(512, 4)
  for (let block = 0; block < blocks; block++)
    sidecar.writeUInt32BE(crc32(bytes.subarray(block * 512, (block + 1) * 512)), 8 + 4 * block)
  return sidecar
}
