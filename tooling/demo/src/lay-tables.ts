import { readFileSync } from 'node:fs'
import { countCsvRows, landAt, layCopy, placeFor, vegaFile, type LandedFile, type Session } from './landed-file.ts'

const LANDED_AT = '2001-01-02T03:00:00Z'

/** Tables that are laid as they are. */
const CSV_TABLES = words(`
  airports co2-concentration disasters flights-airport gapminder-health-income github global-temp
  iowa-electricity la-riots lookup_groups lookup_people population_engineers_hurricanes
  seattle-weather-hourly-normals sp500-2000 sp500 species stocks us-employment windvectors
`)

const JSON_TABLES = words(`
  barley budgets cars crimea flare-dependencies flights-2k football gapminder jobs monarchs normal-2d ohlc penguins
  platformer-terrain population unemployment-across-industries wheat
`)

/** Tables of the package's JSON that are laid as Parquet. */
const JSON_AS_PARQUET = words(`
  anscombe budget burtin countries driving flare income londonCentroids obesity political-contributions
  udistrict uniform-2d us-state-capitals weekly-weather
`)

/** Slices of one table, a Parquet file per value: `stocks-aapl.parquet`. */
const SLICES: readonly { readonly file: string; readonly column: string; readonly values: readonly string[] }[] = [
  { file: 'stocks.csv', column: 'symbol', values: ['AAPL', 'AMZN', 'GOOG', 'IBM', 'MSFT'] },
  { file: 'weather.csv', column: 'location', values: ['New York', 'Seattle'] },
  { file: 'penguins.json', column: 'Species', values: ['Adelie', 'Chinstrap', 'Gentoo'] },
  { file: 'cars.json', column: 'Origin', values: ['Europe', 'Japan', 'USA'] },
  { file: 'anscombe.json', column: 'Series', values: ['I', 'II', 'III', 'IV'] },
]

/** Lays 68 tables, each a dataset of its own, in one folder: 19 CSV, 17 JSON, 32 Parquet. */
export async function layTables(session: Session, zone: string): Promise<readonly LandedFile[]> {
  const landed: LandedFile[] = []
  const add = (name: string, rows: number): void => {
    landed.push({ path: `tables/${name}`, source: 'tables', kind: 'good', rows })
  }
  for (const stem of CSV_TABLES) {
    layCopy(zone, `tables/${stem}.csv`, vegaFile(`${stem}.csv`), LANDED_AT)
    add(`${stem}.csv`, countCsvRows(readFileSync(vegaFile(`${stem}.csv`), 'utf8')))
  }
  for (const stem of JSON_TABLES) {
    layCopy(zone, `tables/${stem}.json`, vegaFile(`${stem}.json`), LANDED_AT)
    add(`${stem}.json`, countJsonRows(`${stem}.json`))
  }
  for (const stem of JSON_AS_PARQUET) {
    await copyToParquet(session, zone, stem, `SELECT * FROM ${readerOf(session, `${stem}.json`)}`)
    add(`${stem}.parquet`, countJsonRows(`${stem}.json`))
  }
  await copyToParquet(session, zone, 'unemployment', `SELECT * FROM ${readerOf(session, 'unemployment.tsv')}`)
  add('unemployment.parquet', countCsvRows(readFileSync(vegaFile('unemployment.tsv'), 'utf8')))
  for (const { file, column, values } of SLICES) {
    for (const value of values) {
      const stem = `${file.split('.')[0]}-${value.toLowerCase().replaceAll(' ', '-')}`
      const where = `${session.dialect.identifier(column)} = ${session.dialect.literal(value)}`
      await copyToParquet(session, zone, stem, `SELECT * FROM ${readerOf(session, file)} WHERE ${where}`)
      add(`${stem}.parquet`, countSlice(file, column, value))
    }
  }
  return landed
}

async function copyToParquet(session: Session, zone: string, stem: string, select: string): Promise<void> {
  const file = placeFor(zone, `tables/${stem}.parquet`)
  await session.query(`COPY (${select}) TO ${session.dialect.literal(file)} (FORMAT parquet)`)
  landAt(file, LANDED_AT)
}

function readerOf(session: Session, name: string): string {
  return `${name.endsWith('.json') ? 'read_json' : 'read_csv'}(${session.dialect.literal(vegaFile(name))})`
}

function countJsonRows(name: string): number {
  return (JSON.parse(readFileSync(vegaFile(name), 'utf8')) as unknown[]).length
}

/** Counted in the text itself, not by the engine that made the slice. */
function countSlice(file: string, column: string, value: string): number {
  const text = readFileSync(vegaFile(file), 'utf8')
  if (file.endsWith('.json'))
    return (JSON.parse(text) as readonly Record<string, unknown>[]).filter((row) => row[column] === value).length
  const [header = '', ...lines] = text.split(/\r?\n/)
  const index = header.split(',').indexOf(column)
  return lines.filter((line) => line.split(',')[index] === value).length
}

function words(list: string): readonly string[] {
  return list.trim().split(/\s+/)
}
