import * as fc from 'fast-check'

/** A cell as the naive model has it. Dates and timestamps are their ISO texts, decimals numbers with few digits. */
export type NaiveCell = number | string | boolean | null

/** A row by column name. `NaN` is kept, as the engine keeps it; see {@link valueIn}. */
export type NaiveRow = Readonly<Record<string, NaiveCell>>

/** The columns of every table, with their types in the engine. `d` has infinities, so nothing is summed over it. */
export const NAIVE_COLUMNS = {
  i: 'INTEGER',
  j: 'INTEGER',
  d: 'DOUBLE',
  e: 'DOUBLE',
  m: 'DECIMAL(10,2)',
  s: 'VARCHAR',
  u: 'VARCHAR',
  t: 'DATE',
  z: 'TIMESTAMP',
  b: 'BOOLEAN',
} as const

export type NaiveColumn = keyof typeof NAIVE_COLUMNS

/** What values a column takes: few, so that they repeat, and those that other engines trip over. */
export const NAIVE_VALUES: Readonly<Record<NaiveColumn, readonly NaiveCell[]>> = {
  i: [-4, -1, 0, 1, 2, 3, 2147483647],
  j: [-4, -1, 0, 1, 2, 3],
  d: [-1.5, 0, 0.1, 2, Number.NaN, Infinity, -Infinity],
  e: [-1.25, 0, 0.5, 2, 3.75, Number.NaN],
  m: [-12.25, 0, 0.5, 2, 99.75],
  s: ['', 'a', 'ab', "it's", 'ünï', '10', 'a\nb', 'b\n', 'B', '😀', '\uff5e', '%_'],
  u: ['', 'a', 'ab', 'B', '10'],
  t: ['2023-12-31', '2024-01-01', '2024-02-29', '2024-03-01'],
  z: ['2023-12-31 23:59:59', '2024-01-01 00:00:00', '2024-01-01 00:00:00.5', '2024-02-29 12:00:00'],
  b: [true, false],
}

/** A random row; every column is missing in one of five rows. */
export const naiveRow: fc.Arbitrary<NaiveRow> = fc.record(
  Object.fromEntries(
    Object.entries(NAIVE_VALUES).map(([name, values]) => [name, fc.option(fc.constantFrom(...values), { freq: 4 })]),
  ),
)

/** The value of a column in a row: NaN is missing, as for Great Expectations on pandas. */
export function valueIn(row: NaiveRow, column: string): NaiveCell {
  const cell = row[column] ?? null
  return Number.isNaN(cell) ? null : cell
}

/** The values of a column that are not missing, in order. */
export function presentValues(rows: readonly NaiveRow[], column: string): readonly NonNullable<NaiveCell>[] {
  return rows.flatMap((row) => valueIn(row, column) ?? [])
}

/** Numbers by size, texts by code point, false before true. Negative, 0 or positive. */
export function order(left: NaiveCell, right: NaiveCell): number {
  if (typeof left === 'string' && typeof right === 'string')
    return Buffer.compare(Buffer.from(left), Buffer.from(right))
  const [a, b] = [Number(left), Number(right)]
  return a < b ? -1 : a > b ? 1 : 0
}

/** SQL literals of a row, in the order of the columns. */
export function sqlCells(row: NaiveRow): readonly string[] {
  return Object.keys(NAIVE_COLUMNS).map((name) => {
    const cell = row[name] ?? null
    if (cell === null) return 'NULL'
    return typeof cell === 'boolean' ? String(cell) : `'${String(cell).replaceAll("'", "''")}'`
  })
}
