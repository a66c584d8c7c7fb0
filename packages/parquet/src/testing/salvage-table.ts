/**
 * `node --conditions=tidegate:source salvage-table.ts [CASES_PER_KIND]`: JSON, one row per kind of damage. What our repair
 * brings back, and what DuckDB and hyparquet read of the same damaged files.
 */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'

import { readFooter } from '../read-footer.ts'
import { countRows, joinRanges } from '../repair/pages/row-ranges.ts'
import { bytesSource } from './byte-source.ts'
import { cellComparer } from './compare-cells.ts'
import { openHyparquetReader, type HyparquetReader } from './hyparquet-rows.ts'
import { mutate, MUTATIONS } from './mutate.ts'
import type { Mutated } from './mutation.ts'
import { repairRunner } from './run-repair-case.ts'
import { seededRandom } from './seeded-random.ts'
import type { SoundFile } from './sound-file.ts'
import { openSoundFiles, SMALL_SPECS } from './sound-files.ts'

/** Shares are of the rows of row groups of which every byte is still there. */
export interface SalvageRow {
  readonly family: string
  readonly kind: string
  readonly cases: number
  readonly rowsIntact: number
  readonly ours: ReaderShare & {
    readonly falseCells: number
    readonly undetectableCells: number
    readonly refused: number
  }
  readonly duckdb: ReaderShare
  readonly hyparquet: ReaderShare
}

export interface ReaderShare {
  /** Of ours: over the cases that are proven or strong, where there are such; a weak one is refused and says so. */
  readonly worst: number
  readonly mean: number
  /** Cases in which every row that is there was read, and no false one. */
  readonly right: number
}

interface Reading {
  /** False for a case that does not count for the worst. */
  readonly counts?: boolean
  readonly share: number
  readonly isRight: boolean
}

const SEED = 20_261
const marksOfSound = new Map<SoundFile, readonly number[]>()
const [casesPerKind = '4'] = process.argv.slice(2)
process.stdout.write(JSON.stringify(await salvageTable(Number(casesPerKind))))

async function salvageTable(perKind: number): Promise<readonly SalvageRow[]> {
  const files = await openSoundFiles()
  const hyparquet = openHyparquetReader()
  const duckdb = await openDamagedReader(files.folder)
  const specs = SMALL_SPECS.filter(({ shape }) => shape !== 'wide')
  try {
    const runner = repairRunner(files)
    const random = seededRandom('salvage table', SEED)
    const path = join(files.folder, 'damaged.parquet')
    const table: SalvageRow[] = []
    for (const { kind, family } of MUTATIONS) {
      const read: { ours: Reading; duckdb: Reading; hyparquet: Reading }[] = []
      const cells = { falseCells: 0, undetectableCells: 0, refused: 0 }
      let rowsIntact = 0
      for (let round = 0; round < perKind; round++) {
        const [spec, otherSpec] = [random.pick(specs), random.pick(specs)]
        if (spec === undefined || otherSpec === undefined) break
        const file = await files.get(spec)
        const mutated = mutate(file, kind, SEED + round, await files.get(otherSpec))
        if (mutated === undefined) continue
        const outcome = await runner.run({ ...mutated, file, sibling: await files.get(spec, 'second') })
        writeFileSync(path, mutated.bytes)
        rowsIntact += mutated.truth.intact.rows
        if (mutated.truth.expected.detectable) cells.falseCells += outcome.falseCells
        else cells.undetectableCells += outcome.falseCells
        if (outcome.status === 'refused') cells.refused++
        read.push({
          ours: {
            share: outcome.salvage,
            isRight: outcome.salvage === 1 && outcome.falseCells === 0,
            counts: outcome.confidence === 'proven' || outcome.confidence === 'strong',
          },
          duckdb: await duckdb.read(file, mutated),
          hyparquet: await hyparquetReading(hyparquet, file, path, mutated, files.folder),
        })
      }
      if (read.length === 0) continue
      const { length } = read
      const of = (who: keyof (typeof read)[number]): ReaderShare => shareOf(read.map((each) => each[who]))
      table.push({
        family,
        kind,
        cases: length,
        rowsIntact,
        ours: { ...of('ours'), ...cells },
        duckdb: of('duckdb'),
        hyparquet: of('hyparquet'),
      })
    }
    return table
  } finally {
    await duckdb.close()
    await hyparquet.close()
    await files.close()
  }
}

function shareOf(readings: readonly Reading[]): ReaderShare {
  const shares = readings.map(({ share }) => share)
  const counted = readings.filter(({ counts = true }) => counts).map(({ share }) => share)
  return {
    worst: Math.min(...(counted.length === 0 ? shares : counted)),
    mean: shares.reduce((sum, share) => sum + share, 0) / shares.length,
    right: readings.filter(({ isRight }) => isRight).length,
  }
}

function reading(rightRows: number, falseRows: number, { truth }: Mutated): Reading {
  const { rows } = truth.intact
  // Where nothing is intact, to refuse is right.
  const share = rows === 0 ? 1 : Math.min(1, rightRows / rows)
  return { share, isRight: share === 1 && falseRows === 0 }
}

interface DamagedReader {
  read(file: SoundFile, mutated: Mutated): Promise<Reading>
  close(): Promise<void>
}

/** DuckDB on the damaged file itself. An internal error leaves a session dead, so each error is answered by a new one. */
async function openDamagedReader(parent: string): Promise<DamagedReader> {
  const open = async (): Promise<Session> => {
    const opened = await openDuckDB({ threads: 1, memoryLimitBytes: 2 ** 30 })
    await opened.query('SET enable_external_file_cache = false')
    return opened
  }
  let session = await open()
  let comparer = cellComparer(session, mkdtempSync(join(parent, 'duckdb-')))
  return {
    async read(file, mutated) {
      try {
        const outcome = await readFooter(bytesSource(mutated.bytes))
        // Readers take the last footer, whatever lies before it.
        const rows = outcome.kind === 'ok' ? outcome.footer.rows : file.layout.rows
        const compared = await comparer.compare(file, mutated.bytes, [{ from: 0, to: rows, original: 0 }])
        const spoiled = joinRanges(compared.columns.flatMap((column) => [...column.nulled, ...column.false]))
        return reading(
          compared.rowsRead - compared.rowsForeign - countRows(spoiled),
          compared.rowsForeign + countRows(spoiled),
          mutated,
        )
      } catch {
        await session.close()
        session = await open()
        comparer = cellComparer(session, mkdtempSync(join(parent, 'duckdb-')))
        return reading(0, 0, mutated)
      }
    },
    close: async () => await session.close(),
  }
}

async function hyparquetReading(
  reader: HyparquetReader,
  file: SoundFile,
  path: string,
  mutated: Mutated,
  folder: string,
): Promise<Reading> {
  let sound = marksOfSound.get(file)
  if (sound === undefined) {
    const soundPath = join(folder, 'sound.parquet')
    writeFileSync(soundPath, file.bytes)
    sound = (await reader.read(soundPath)) ?? []
    marksOfSound.set(file, sound)
  }
  const marks = await reader.read(path)
  const right = (marks ?? []).filter((mark, row) => mark === sound[row]).length
  return reading(right, (marks ?? []).length - right, mutated)
}
