import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { countCsvRows, layBytes, layCopy, vegaFile, type LandedFile, type Session } from './landed-file.ts'

const LANDED_AT = '2001-01-02T04:00:00Z'

/** One CSV and two JSON files as their makers publish them. The earthquakes' rows are below `features`. */
export function layPlainFiles(zone: string): readonly LandedFile[] {
  layCopy(zone, 'weather/seattle-weather.csv', vegaFile('seattle-weather.csv'), LANDED_AT)
  layCopy(zone, 'movies/movies.json', vegaFile('movies.json'), LANDED_AT)
  layCopy(zone, 'earthquakes/earthquakes.json', vegaFile('earthquakes.json'), LANDED_AT)
  const movies = JSON.parse(readText('movies.json')) as unknown[]
  const earthquakes = JSON.parse(readText('earthquakes.json')) as { features: unknown[] }
  return [
    {
      path: 'weather/seattle-weather.csv',
      source: 'weather',
      kind: 'good',
      rows: countCsvRows(readText('seattle-weather.csv')),
    },
    { path: 'movies/movies.json', source: 'movies', kind: 'good', rows: movies.length },
    { path: 'earthquakes/earthquakes.json', source: 'earthquakes', kind: 'good', rows: earthquakes.features.length },
  ]
}

/** A CSV that somebody renamed to .parquet and dropped among the weeks. */
export function layRenamedCsv(zone: string): LandedFile {
  const renamed = 'flights/flights-airport.parquet'
  layCopy(zone, renamed, vegaFile('flights-airport.csv'), LANDED_AT)
  return { path: renamed, source: 'flights', kind: 'not-parquet', rows: 0 }
}

/** The weather once more, under another name. */
export function layRepeatedWeather(zone: string): LandedFile {
  const copy = 'weather/seattle-weather (1).csv'
  layCopy(zone, copy, vegaFile('seattle-weather.csv'), LANDED_AT)
  const rows = countCsvRows(readText('seattle-weather.csv'))
  return { path: copy, source: 'weather', kind: 'duplicate', rows, duplicateOf: 'weather/seattle-weather.csv' }
}

/** The bird strikes of 1990 to 2002 in one CSV with CRLF, as it is published. */
export function layBirdstrikes(zone: string): readonly LandedFile[] {
  layCopy(zone, 'birdstrikes/birdstrikes.csv', vegaFile('birdstrikes.csv'), LANDED_AT)
  const rows = countCsvRows(readText('birdstrikes.csv'))
  return [{ path: 'birdstrikes/birdstrikes.csv', source: 'birdstrikes', kind: 'good', rows }]
}

/**
 * Airports as a European office would export them: windows-1252, `;`, decimal commas, gzip. Every seventh city gets an accent, and
 * straight apostrophes become typographic ones, which Latin-1 does not have.
 */
export async function layStations(session: Session, zone: string): Promise<LandedFile> {
  const { rows } = await session.query(
    `SELECT iata, name, city, state, latitude, longitude
     FROM read_csv(${session.dialect.literal(vegaFile('airports.csv'))}, all_varchar = true)`,
  )
  const lines = rows.map((row, index) => {
    const [iata, name, city, state, latitude, longitude] = row.map((cell) => String(cell ?? ''))
    const town = index % 7 === 0 ? accentuate(city ?? '') : city
    const cells = [
      iata,
      name?.replaceAll("'", '’'),
      town,
      state,
      latitude?.replace('.', ','),
      longitude?.replace('.', ','),
    ]
    return cells.join(';')
  })
  const text = ['code;bezeichnung;ort;staat;breite;länge', ...lines, ''].join('\n')
  layBytes(zone, 'stations/stations-2001.csv.gz', gzipSync(encodeWindows1252(text)), LANDED_AT)
  return { path: 'stations/stations-2001.csv.gz', source: 'stations', kind: 'good', rows: rows.length }
}

const ACCENTS: ReadonlyMap<string, string> = new Map([
  ['a', 'á'],
  ['e', 'é'],
  ['i', 'ï'],
  ['n', 'ñ'],
  ['o', 'ö'],
  ['u', 'ü'],
])

function accentuate(word: string): string {
  return word.replace(/[aeinou]/, (letter) => ACCENTS.get(letter) ?? letter)
}

/** All that {@link layStations} writes is Latin-1, but for the apostrophe. */
function encodeWindows1252(text: string): Buffer {
  return Buffer.from(text.replaceAll('’', '\u0092'), 'latin1')
}

function readText(name: string): string {
  return readFileSync(vegaFile(name), 'utf8')
}
