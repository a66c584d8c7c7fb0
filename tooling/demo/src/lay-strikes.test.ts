import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { vegaFile } from './landed-file.ts'
import { layStrikes, strikesUpTo } from './lay-strikes.ts'

test('the files of the years hold each row of the public table once, and the truth counts them by speed', () => {
  const zone = mkdtempSync(path.join(tmpdir(), 'tidegate-'))
  try {
    const years = layStrikes(zone)
    const [header, ...rows] = readFileSync(vegaFile('birdstrikes.csv'), 'utf8').trimEnd().split('\r\n')
    const files = readdirSync(path.join(zone, 'strikes')).toSorted()
    const laid = files.map((file) =>
      readFileSync(path.join(zone, 'strikes', file), 'utf8')
        .trimEnd()
        .split('\n'),
    )
    expect(files).toEqual(years.map(({ year }) => `strikes-${year}.csv`))
    expect(laid.every(([first]) => first === header)).toBe(true)
    expect(laid.flatMap(([, ...own]) => own).toSorted()).toEqual(rows.toSorted())
    expect(strikesUpTo(years, Infinity)).toBe(rows.length)
    const fast = rows.filter((row) => Number(row.split(',').at(-1)) > 250)
    expect(rows.length - strikesUpTo(years, 250)).toBe(fast.length)
  } finally {
    rmSync(zone, { recursive: true })
  }
})
