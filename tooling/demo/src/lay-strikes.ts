import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { landAt, placeFor, vegaFile } from './landed-file.ts'

/** One year of bird strikes: the speeds of its rows, read from the text; undefined where none is given. */
export interface StrikesOfYear {
  readonly year: number
  readonly speeds: readonly (number | undefined)[]
}

/** Lays the bird strikes once more, a CSV for each of the thirteen years. */
export function layStrikes(zone: string): readonly StrikesOfYear[] {
  const [header = '', ...lines] = readFileSync(vegaFile('birdstrikes.csv'), 'utf8').trimEnd().split(/\r?\n/)
  const years = Map.groupBy(lines, (line) => Number(/,(\d{4})-\d\d-\d\d,/.exec(line)?.[1]))
  return [...years].map(([year, rows]) => {
    const file = placeFor(zone, `strikes/strikes-${year}.csv`)
    writeFileSync(file, [header, ...rows, ''].join('\n'))
    landAt(file, `${year + 1}-01-02T03:00:00Z`)
    return { year, speeds: rows.map((row) => speedOf(row)) }
  })
}

function speedOf(row: string): number | undefined {
  const text = row.slice(row.lastIndexOf(',') + 1)
  return text === '' ? undefined : Number(text)
}

/** Rows of these years that a rule "at most so many knots" lets through. */
export function strikesUpTo(years: readonly StrikesOfYear[], knots: number): number {
  return years.flatMap(({ speeds }) => speeds).filter((speed) => speed === undefined || speed <= knots).length
}

/** The rule of the act, as a person would write it. */
export function writeStrikesContract(folder: string, knots: number): void {
  mkdirSync(path.join(folder, 'contracts'), { recursive: true })
  writeFileSync(
    path.join(folder, 'contracts/strikes.yaml'),
    `contract: strikes
version: 1
schema:
  columns:
    Flight Date: { type: DATE, nullable: false }
    Speed IAS in knots: { type: BIGINT }
expectations:
  - type: expect_column_values_to_be_between
    kwargs: { column: Speed IAS in knots, min_value: 0, max_value: ${knots} }
`,
  )
}
