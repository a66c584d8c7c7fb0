import type { FactReader, FactWindow, FileQuery } from '@tidegate/core'
import { expect, test } from 'vitest'
import { readFacts } from './facts.ts'

const DAY_MS = 86_400_000
const NOW = Date.UTC(2026, 4, 31, 13)

/** Has nothing, and notes which windows it was asked for. */
function emptyReader(): { readonly reader: FactReader; readonly asked: Map<string, FactWindow | FileQuery> } {
  const asked = new Map<string, FactWindow | FileQuery>()
  const list = (name: string) => async (window: FactWindow) => {
    asked.set(name, window)
    return []
  }
  const capped = (name: string) => async (window: FactWindow | FileQuery) => {
    asked.set(name, window)
    return { items: [], total: 0 }
  }
  const reader: FactReader = {
    factRuns: capped('runs'),
    sumFileHours: list('fileHours'),
    sumFolders: capped('folders'),
    sumScores: list('scores'),
    sumCheckDays: list('checkDays'),
    sumCheckFailures: list('checkFailures'),
    failedChecks: capped('failedChecks'),
    queryFiles: async (query) => capped(`files ${query.order ?? ''}`)(query),
    lastLoaded: async () => [],
    openHeld: async () => ({ items: [], total: 0 }),
    factFailures: capped('failures'),
    sumQuarantine: list('quarantine'),
    sumRepairs: list('repairs'),
    schemaVersions: list('schemas'),
    contractVersions: list('contracts'),
    listWatermarks: async () => [
      { source: 'a', value: '1', type: 'BIGINT', updatedAtMs: 1, recordsProcessed: 1, metadata: {} },
      { source: 'b', value: '1', type: 'BIGINT', updatedAtMs: 1, recordsProcessed: 1, metadata: {} },
    ],
    listLeases: async () => [{ source: 'b', owner: { what: 'x' }, expiresAtMs: 1 }],
  }
  return { reader, asked }
}

test('what is compared reaches back 29 whole days, the rest is of the window', async () => {
  const { reader, asked } = emptyReader()
  const sinceMs = NOW - 7 * DAY_MS
  const facts = await readFacts(reader, { sinceMs, nowMs: NOW })
  const reachMs = Date.UTC(2026, 4, 2)
  expect(facts).toMatchObject({ sinceMs, untilMs: NOW, reachMs })
  for (const name of ['runs', 'fileHours', 'scores', 'checkDays'])
    expect(asked.get(name)).toMatchObject({ sinceMs: reachMs, untilMs: NOW })
  for (const name of ['folders', 'checkFailures', 'failedChecks', 'quarantine', 'repairs', 'schemas', 'contracts'])
    expect(asked.get(name)).toMatchObject({ sinceMs, untilMs: NOW })
  expect(JSON.parse(JSON.stringify(facts))).toEqual(facts)
})

test('a window that is longer than that is its own reach', async () => {
  const { reader } = emptyReader()
  const sinceMs = NOW - 90 * DAY_MS
  expect(await readFacts(reader, { sinceMs, nowMs: NOW })).toMatchObject({ sinceMs, reachMs: sinceMs })
})

test('with sources only theirs are there', async () => {
  const { reader, asked } = emptyReader()
  const facts = await readFacts(reader, { sinceMs: 0, nowMs: NOW, sources: ['a'] })
  expect(facts.watermarks.map(({ source }) => source)).toEqual(['a'])
  expect(facts.leases).toEqual([])
  expect(asked.get('fileHours')).toMatchObject({ sources: ['a'] })
})
