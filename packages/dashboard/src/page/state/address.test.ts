import { expect, test } from 'vitest'
import { addressOf, changeParams, formatAddress, parseAddress } from './address.ts'
import { filterCommand } from './filter-command.ts'
import { filterOf } from './filter.ts'

const DAY = 86_400_000
const REACH = { sinceMs: Date.UTC(2026, 9, 24), untilMs: Date.UTC(2026, 10, 21) }

test('an address is read back as it was written, in the file as on a server', () => {
  for (const text of ['/', '/quality?window=7d&source=a+b&source=c%26d', '/files?file=%3C%2Fscript%3E']) {
    expect(formatAddress(parseAddress(text))).toBe(text)
    expect(formatAddress(parseAddress(`#${text}`))).toBe(text)
  }
})

test('what is no page is the overview', () => {
  for (const text of ['', '#', '/nonsense', '/../etc', '/quality/../..', '?window=7d']) {
    expect(parseAddress(text).page).toBe('overview')
  }
})

test('another page keeps the filter and drops the rest', () => {
  const here = parseAddress('/quality?window=7d&source=a&check=x')
  expect(formatAddress(addressOf(here, 'runs', { status: 'failed' }))).toBe('/runs?window=7d&source=a&status=failed')
  expect(formatAddress(addressOf(here, 'runs', { source: null }))).toBe('/runs?window=7d')
})

test('a stretch of time takes the place of the window', () => {
  const here = parseAddress('/quality?window=7d&source=a')
  expect(formatAddress(addressOf(here, 'files', { since: '2026-11-01', until: '2026-11-02' }))).toBe(
    '/files?source=a&since=2026-11-01&until=2026-11-02',
  )
})

test('a changed parameter leaves the others', () => {
  expect(formatAddress(changeParams(parseAddress('/files?order=newest&size=rows'), { size: 'bytes' }))).toBe(
    '/files?order=newest&size=bytes',
  )
})

test('the window counts back from the end of what is known and never reaches beyond its begin', () => {
  expect(filterOf(new URLSearchParams('window=7d'), REACH)).toMatchObject({
    sinceMs: REACH.untilMs - 7 * DAY,
    untilMs: REACH.untilMs,
    label: 'last 7 days',
  })
  for (const query of ['', 'window=90d', 'window=nonsense', 'since=tomorrow', 'since=2030-01-01']) {
    expect(filterOf(new URLSearchParams(query), REACH)).toMatchObject(REACH)
  }
  expect(filterOf(new URLSearchParams('since=2026-11-01&until=2026-11-02'), REACH)).toMatchObject({
    sinceMs: Date.UTC(2026, 10, 1),
    untilMs: Date.UTC(2026, 10, 2),
  })
})

test('the command for the terminal quotes what a shell would take apart', () => {
  const filter = filterOf(new URLSearchParams({ window: '7d', source: "a'; rm -rf $HOME" }), REACH)
  expect(filterCommand('failures', filter)).toBe(
    String.raw`tidegate monitor failures --since 2026-11-14T00:00Z --source 'a'\''; rm -rf $HOME'`,
  )
})
