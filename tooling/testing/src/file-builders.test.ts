import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { openDuckDB } from '@tidegate/duckdb'
import { expect, test } from 'vitest'
import { encodeWindows1252, HOSTILE_NAMES, writeCsv, writeParquet, writeTruncatedCopy } from './file-builders.ts'
import { makeTempProject } from './temp-project.ts'

test('windows-1252 has its own place for the euro and none for kanji', () => {
  expect([...encodeWindows1252('aé€')]).toEqual([0x61, 0xe9, 0x80])
  expect(() => encodeWindows1252('東')).toThrow('windows-1252 has no "東"')
})

test('a CSV is written as asked: delimiter, encoding, gzip, quotes where needed', () => {
  using project = makeTempProject()
  const rows = [
    ['ort', 'wert'],
    ['Zürich', '1,5'],
    ['a;b "c"', null],
  ]
  const file = writeCsv(project.at('x.csv.gz'), rows, { delimiter: ';', encoding: 'windows-1252', gzip: true })
  expect(gunzipSync(readFileSync(file)).toString('latin1')).toBe('ort;wert\nZürich;1,5\n"a;b ""c""";\n')
})

test('a Parquet file under each hostile name holds its rows, and a cut one is no Parquet', async () => {
  using project = makeTempProject()
  const session = await openDuckDB()
  for (const [index, name] of HOSTILE_NAMES.entries())
    await writeParquet(session, project.at(name), `SELECT i AS id FROM range(${index + 1}) t(i)`)
  const statistics = await session.fileStatistics([project.at("it's.parquet"), project.at('new\nline.parquet')])
  expect(statistics.map((file) => file.rows)).toEqual([1, 12])

  const cut = writeTruncatedCopy(project.at('-rf.parquet'), project.at('cut.parquet'), 0.6)
  await expect(session.fileStatistics([cut])).rejects.toThrow()
  await session.close()
})
