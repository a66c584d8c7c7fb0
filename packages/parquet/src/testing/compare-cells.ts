import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Session } from '@tidegate/core'

import type { RowSpan } from '../pages/row-spans.ts'
import { joinRanges } from '../repair/pages/row-ranges.ts'
import { comparableFields, type ComparableField } from './comparable-fields.ts'
import type { SoundFile } from './sound-file.ts'

/** Rows [from, to) of the repaired file; `original`: ordinal of the first of them in the original. */
export interface PlacedRows {
  readonly from: number
  readonly to: number
  readonly original: number
}

export interface CellComparison {
  readonly rowsRead: number
  /** Rows that the original does not have. */
  readonly rowsForeign: number
  readonly columns: readonly ComparedColumn[]
}

export interface ComparedColumn {
  /** Path of struct fields; lists and maps are compared whole. */
  readonly path: readonly string[]
  /** Ordinals in the original. NULL, or an empty list, where the original has a value. */
  readonly nulled: readonly RowSpan[]
  /** Neither the original's value nor NULL. */
  readonly false: readonly RowSpan[]
}

export interface CellComparer {
  /** Through DuckDB, cell by cell, columns by their position. @throws what DuckDB throws on a file that it cannot read */
  compare(original: SoundFile, repaired: Uint8Array, rows: readonly PlacedRows[]): Promise<CellComparison>
}

interface Loaded {
  readonly table: string
  readonly columns: number
  readonly fields: readonly (ComparableField & { readonly column: number })[]
}

/** Keeps each original as a table of the session, so that many files can be compared with it. */
export function cellComparer(session: Session, folder: string): CellComparer {
  const { dialect } = session
  const known = new Map<SoundFile, Loaded>()
  const path = join(folder, 'compared.parquet')
  const read = `read_parquet(${dialect.literal(path)}, file_row_number = true)`
  const load = async (file: SoundFile): Promise<Loaded> => {
    writeFileSync(path, file.bytes)
    const described = await session.query(`DESCRIBE SELECT * FROM read_parquet(${dialect.literal(path)})`)
    const columns = described.rows.length
    const table = dialect.identifier(`original ${known.size}`)
    await session.query(`CREATE TEMP TABLE ${table} AS SELECT * FROM ${read} ${aliases(columns)}`)
    const fields = described.rows.flatMap((row, column) =>
      comparableFields(dialect, String(row[0]), String(row[1])).map((field) => ({ ...field, column })),
    )
    const loaded = { table, columns, fields }
    known.set(file, loaded)
    return loaded
  }
  return {
    async compare(original, repaired, rows) {
      const { table, columns, fields } = known.get(original) ?? (await load(original))
      writeFileSync(path, repaired)
      const lists = fields.flatMap(({ column, of, isLost }) => {
        const [left, right] = [of(`o.c${column}`), of(`p.c${column}`)]
        const differs = `${left} IS DISTINCT FROM ${right}`
        return [
          `list(p.place) FILTER (${differs} AND ${isLost(left, right)})`,
          `list(p.place) FILTER (${differs} AND NOT ${isLost(left, right)})`,
        ]
      })
      const places = rows.map(({ from, to, original: first }) => `(${from}, ${to}, ${first})`)
      const result = await session.query(`
        WITH ranges(low, high, first) AS (VALUES ${places.join(', ')}),
        p AS (SELECT r.*, ranges.first + r.rn - ranges.low AS place FROM ${read} ${aliases(columns)}
          JOIN ranges ON r.rn >= ranges.low AND r.rn < ranges.high)
        SELECT count(*), count(*) FILTER (o.rn IS NULL), ${lists.join(', ')} FROM p LEFT JOIN ${table} o ON o.rn = p.place`)
      const [all, foreign, ...found] = result.rows[0] ?? []
      return {
        rowsRead: Number(all),
        rowsForeign: Number(foreign),
        columns: fields.map((field, index) => ({
          path: field.path,
          nulled: rangesOf(found[index * 2]),
          false: rangesOf(found[index * 2 + 1]),
        })),
      }
    },
  }
}

/** Names by position: damage can change a name. */
function aliases(columns: number): string {
  return `r(${Array.from({ length: columns }, (_, index) => `c${index}, `).join('')}rn)`
}

function rangesOf(list: unknown): readonly RowSpan[] {
  if (!Array.isArray(list)) return []
  return joinRanges(list.map((item) => ({ from: Number(item), to: Number(item) + 1 })))
}
