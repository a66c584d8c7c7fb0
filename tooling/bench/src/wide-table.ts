import { literal, type BareEngine } from './bare-engine.ts'

/** Ten columns like those of an order feed. The same numbers give the same bytes: everything comes from a hash of the row. */
export interface WideTable {
  readonly firstRow: number
  readonly rows: number
  /** One row in so many has a quantity of 0, which the suite forbids. @defaultValue none */
  readonly badEvery?: number | undefined
}

export const WIDE_COLUMNS: readonly (readonly [name: string, type: string])[] = [
  ['id', 'BIGINT'],
  ['created_at', 'TIMESTAMP'],
  ['customer_id', 'INTEGER'],
  ['country', 'VARCHAR'],
  ['status', 'VARCHAR'],
  ['email', 'VARCHAR'],
  ['code', 'VARCHAR'],
  ['quantity', 'INTEGER'],
  ['price', 'DOUBLE'],
  ['discount', 'DECIMAL(9,2)'],
]

export const COUNTRIES: readonly string[] = ['DE', 'FR', 'IT', 'ES', 'NL', 'PL', 'SE', 'US']
export const STATUSES: readonly string[] = ['new', 'paid', 'packed', 'shipped', 'returned']

export async function writeWideTable(engine: BareEngine, file: string, table: WideTable): Promise<void> {
  await engine.run(`COPY (${wideSelect(table)}) TO ${literal(file)} (FORMAT parquet, COMPRESSION zstd)`)
}

function wideSelect({ firstRow, rows, badEvery }: WideTable): string {
  const quantity = '1 + CAST((h >> 20) % 20 AS INTEGER)'
  const spoiled =
    badEvery === undefined ? quantity : `CASE WHEN i % ${badEvery} = ${7 % badEvery} THEN 0 ELSE ${quantity} END`
  return `SELECT i AS id,
    TIMESTAMP '2024-01-01 00:00:00' + to_seconds(i * 3) AS created_at,
    CAST(h % 50000 AS INTEGER) AS customer_id,
    ${pick(COUNTRIES, 'h >> 8')} AS country,
    ${pick(STATUSES, 'h >> 12')} AS status,
    CASE WHEN h % 50 = 3 THEN NULL ELSE concat('user', (h >> 16) % 900000, '@example.com') END AS email,
    concat('AB-', lpad(CAST((h >> 24) % 1000000 AS VARCHAR), 6, '0')) AS code,
    ${spoiled} AS quantity,
    round(0.5 + ((h >> 28) % 50000) / 100.0, 2)::DOUBLE AS price,
    CASE WHEN h % 10 < 3 THEN NULL ELSE CAST(((h >> 32) % 40) / 100.0 AS DECIMAL(9,2)) END AS discount
  FROM (SELECT i, hash(i) AS h FROM range(${firstRow}, ${firstRow + rows}) t(i))`
}

function pick(texts: readonly string[], number: string): string {
  return `[${texts.map((text) => literal(text)).join(', ')}][1 + CAST((${number}) % ${texts.length} AS INTEGER)]`
}
