import type { FileRows } from '@tidegate/core'

/** A column that stands for the place of a row in its file; data may have one of that name. */
const ROW_NUMBER = 'file_row_number'

interface Quoting {
  identifier(name: string): string
}

/**
 * The rows of a staged file as `cells` (of a relation called r) and at last the id of the piece that they belong to, for
 * DuckDB, in the file's order.
 *
 * @param rows the file, as text after FROM
 * @param names its columns
 */
export function pieceSelect(
  rows: string,
  names: readonly string[],
  cells: readonly string[],
  pieces: readonly FileRows[],
  ids: readonly number[],
  { identifier }: Quoting,
): string {
  const starts: string[] = []
  let start = 0
  for (const [at, piece] of pieces.entries()) {
    if (piece.rows > 0) starts.push(`(${start}, ${ids[at] ?? 0})`)
    start += piece.rows
  }
  if (starts.length < 2) {
    const only = ids[pieces.findIndex((piece) => piece.rows > 0)] ?? ids[0] ?? 0
    return `SELECT ${[...cells, only].join(', ')} FROM ${rows} AS r`
  }
  const taken = new Set(names.map((name) => name.toLowerCase()))
  const place = identifier(freeName('tidegate_place', taken))
  const numbered = taken.has(ROW_NUMBER)
    ? `(SELECT row_number() OVER () - 1 AS ${place}, * FROM ${rows})`
    : `(SELECT ${ROW_NUMBER} AS ${place}, * FROM ${rows})`
  return (
    `SELECT ${[...cells, 'p.id'].join(', ')} FROM ${numbered} AS r ASOF JOIN (VALUES ${starts.join(', ')}) AS p (start, id) ` +
    `ON r.${place} >= p.start ORDER BY r.${place}`
  )
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  return taken.has(name) ? freeName(`${name}_`, taken) : name
}
