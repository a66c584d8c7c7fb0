import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'

import { layoutOf } from './layout.ts'
import type { Codec, Shape, SoundFile, SoundSpec, Writer } from './sound-file.ts'
import { addChecksums } from './writers/add-checksums.ts'
import { writeWithArrow } from './writers/arrow-file.ts'
import { writeWithDuckDB } from './writers/duckdb-file.ts'
import { writeWithHyparquet } from './writers/hyparquet-file.ts'
import type { TablePart } from './writers/table-queries.ts'

/** Writes sound files and keeps them in memory: each is written once in a process. */
export interface SoundFiles {
  /** `second`: another file of the same table and writer, with other rows. @defaultValue 'first' */
  get(spec: SoundSpec, part?: TablePart): Promise<SoundFile>
  /** DuckDB with one thread, for queries over the files. */
  readonly session: Session
  /** A folder for files that only a path leads to. */
  readonly folder: string
  close(): Promise<void>
}

/** Of all test files of a process: they only read them. */
const KEPT = new Map<string, Promise<SoundFile>>()

export interface SoundFilesOptions {
  /** Write files that are there already once more. @defaultValue false */
  readonly anew?: boolean
}

export async function openSoundFiles({ anew = false }: SoundFilesOptions = {}): Promise<SoundFiles> {
  const session = await openDuckDB({ threads: 1 })
  // It would answer with the bytes of another file that had the same name, size and second of change.
  await session.query('SET enable_external_file_cache = false')
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-sound-'))
  const kept = anew ? new Map<string, Promise<SoundFile>>() : KEPT
  const write = async (spec: SoundSpec, part: TablePart): Promise<SoundFile> => {
    const written = await bytesOf(spec, part)
    const bytes = spec.checksums ? addChecksums(written) : written
    return { name: nameOf(spec, part), spec, bytes, layout: layoutOf(bytes) }
  }
  const bytesOf = async (spec: SoundSpec, part: TablePart): Promise<Uint8Array> => {
    if (spec.writer === 'duckdb') return await writeWithDuckDB(session, folder, spec, part)
    // Required columns exist only where hyparquet-writer makes them.
    const isFirstHand = spec.writer === 'hyparquet-writer' || spec.shape !== 'required'
    const source = await get(
      isFirstHand ? plainSpec(spec.shape) : { ...plainSpec(spec.shape), writer: 'hyparquet-writer', pages: 2 },
      part,
    )
    return spec.writer === 'arrow-rs'
      ? writeWithArrow(source.bytes, spec)
      : await writeWithHyparquet(source.bytes, spec)
  }
  const get = async (spec: SoundSpec, part: TablePart = 'first'): Promise<SoundFile> => {
    const name = nameOf(spec, part)
    const file = kept.get(name) ?? write(spec, part)
    kept.set(name, file)
    try {
      return await file
    } catch (error) {
      kept.delete(name)
      throw error
    }
  }
  return {
    get,
    session,
    folder,
    close: async () => {
      await session.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function plainSpec(shape: Shape): SoundSpec {
  return { writer: 'duckdb', codec: 'none', shape, pages: 1, dictionary: true, smallPages: false, checksums: false }
}

function nameOf(
  { writer, codec, shape, pages, dictionary, smallPages, checksums }: SoundSpec,
  part: TablePart,
): string {
  return [
    writer,
    shape,
    codec,
    `v${pages}`,
    ...(dictionary ? [] : ['plain']),
    ...(smallPages ? ['small-pages'] : []),
    ...(checksums ? ['crc'] : []),
    ...(part === 'first' ? [] : [part]),
  ].join(' ')
}

export const CODECS: readonly Codec[] = ['none', 'snappy', 'gzip', 'zstd', 'lz4_raw', 'brotli']
export const SHAPES: readonly Shape[] = ['flat', 'nested', 'list', 'map', 'one', 'three', 'wide', 'required']
const WRITERS: readonly Writer[] = ['duckdb', 'arrow-rs', 'hyparquet-writer']

/** Every combination that the writers can write: 3 writers × 6 codecs × 8 shapes and their page options. */
export function allSpecs(): SoundSpec[] {
  const specs: SoundSpec[] = []
  for (const writer of WRITERS)
    for (const codec of CODECS)
      for (const shape of SHAPES)
        for (const pages of [1, 2] as const)
          for (const dictionary of [true, false])
            for (const smallPages of [false, true])
              for (const checksums of [false, true]) {
                if (writer === 'hyparquet-writer' && pages === 1) continue
                if (writer === 'duckdb' && (smallPages || shape === 'required')) continue
                specs.push({ writer, codec, shape, pages, dictionary, smallPages, checksums })
              }
  return specs
}

/** Few files that together have every writer, codec, shape and page option at least once. */
export const SMALL_SPECS: readonly SoundSpec[] = [
  spec('duckdb', 'flat', 'snappy', 1, ''),
  spec('duckdb', 'flat', 'none', 1, 'plain'),
  spec('duckdb', 'nested', 'zstd', 2, ''),
  spec('duckdb', 'list', 'gzip', 1, 'crc'),
  spec('duckdb', 'map', 'lz4_raw', 2, ''),
  spec('duckdb', 'wide', 'snappy', 1, ''),
  spec('arrow-rs', 'flat', 'zstd', 1, 'small crc'),
  spec('arrow-rs', 'list', 'none', 2, 'small plain'),
  spec('arrow-rs', 'three', 'snappy', 2, 'plain'),
  spec('arrow-rs', 'required', 'brotli', 1, 'small'),
  spec('arrow-rs', 'one', 'lz4_raw', 1, 'small'),
  spec('hyparquet-writer', 'flat', 'snappy', 2, 'small'),
  spec('hyparquet-writer', 'required', 'none', 2, 'small plain'),
  spec('hyparquet-writer', 'nested', 'gzip', 2, 'crc'),
]

function spec(writer: Writer, shape: Shape, codec: Codec, pages: 1 | 2, options: string): SoundSpec {
  const has = (word: string): boolean => options.split(' ').includes(word)
  return { writer, codec, shape, pages, dictionary: !has('plain'), smallPages: has('small'), checksums: has('crc') }
}
