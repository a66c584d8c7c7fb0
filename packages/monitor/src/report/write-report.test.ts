import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { Facts } from '../facts.ts'
import { DATA_SLOT, writeReport, type ReportOptions } from './write-report.ts'

const TEMPLATE = `<html><body>${DATA_SLOT}<script>run()</script></body></html>`
const HOSTILE = `</script><!--<script>alert(1)//\u2028\u2029&"'$&$\``

test('nothing in the data can end the element it stands in, and all of it is read back', async () => {
  const { html } = await writeReport(TEMPLATE, optionsOf({ failures: failuresOf(1, HOSTILE) }))
  const slot = slotOf(html)
  expect(slot.encoding).toBe('json')
  expect(slot.text).not.toMatch(/[<>&\u2028\u2029]/)
  const data = JSON.parse(slot.text) as { facts: Facts }
  expect(data.facts.failures.items[0]?.message).toBe(HOSTILE)
  expect(html.split('<script').length - 1).toBe(2)
})

test('what is large is packed', async () => {
  const { html, dataBytes, bytes } = await writeReport(
    TEMPLATE,
    optionsOf({ failures: failuresOf(3000, 'x'.repeat(300)) }),
  )
  expect(dataBytes).toBeGreaterThan(256 * 1024)
  expect(bytes).toBeLessThan(dataBytes / 4)
  const slot = slotOf(html)
  expect(slot.encoding).toBe('gzip')
  const data = JSON.parse(gunzipSync(Buffer.from(slot.text, 'base64')).toString('utf8')) as { facts: Facts }
  expect(data.facts.failures.items).toHaveLength(3000)
})

test('above the budget lists become shorter and say of how many they are', async () => {
  // Hexadecimal digits of a fixed generator: nothing to be packed in them.
  let seed = 7
  const noise = (): string => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
    return seed.toString(16)
  }
  const failures = failuresOf(2000, '').items.map((failure) => ({
    ...failure,
    message: Array.from({ length: 60 }, noise).join(''),
  }))
  const options = optionsOf({ failures: { items: failures, total: 48_210 } })
  const { html, bytes, trimmed } = await writeReport(TEMPLATE, { ...options, budgetBytes: 200_000 })
  expect(bytes).toBeLessThanOrEqual(200_000)
  const slot = slotOf(html)
  const text = slot.encoding === 'gzip' ? gunzipSync(Buffer.from(slot.text, 'base64')).toString('utf8') : slot.text
  const data = JSON.parse(text) as { facts: Facts; trimmed: readonly string[] }
  expect(data.facts.failures.total).toBe(48_210)
  expect(data.facts.failures.items.length).toBeLessThan(2000)
  expect(data.facts.failures.items[0]?.path).toBe('file-0')
  expect(trimmed).toEqual([`${data.facts.failures.items.length} of 48,210 files that could not be read`])
  expect(data.trimmed).toEqual(trimmed)
})

test('values out of rows stay out unless they are asked for', async () => {
  const failedChecks = {
    items: [
      {
        run: 'r',
        source: 's',
        dataset: 'd',
        file: 's/f#1',
        checkedAtMs: 0,
        result: {
          id: 'c',
          type: 't',
          columns: [],
          severity: 'critical' as const,
          dimension: 'validity' as const,
          outcome: 'failed' as const,
          rowLevel: true,
          message: 'one row outside',
          observedValue: 'SECRET-1',
          details: { value_counts: [{ value: 'SECRET-2', count: 1 }] },
          partialUnexpected: ['SECRET-3'],
          partialUnexpectedRows: [{ file: 's/f#1', row: 1, index: { id: 'SECRET-4' } }],
          unexpected: ['SECRET-5'],
          provedBy: 'scan' as const,
        },
      },
    ],
    total: 1,
  }
  const without = await writeReport(TEMPLATE, optionsOf({ failedChecks }))
  expect(without.html).not.toContain('SECRET')
  expect(without.html).toContain('one row outside')
  const wanted = await writeReport(TEMPLATE, { ...optionsOf({ failedChecks }), includeSamples: true })
  for (const number of [1, 2, 3, 4, 5]) expect(wanted.html).toContain(`SECRET-${number}`)
})

test('a reader without JavaScript has the overview, and no name in it is markup', async () => {
  const failures = failuresOf(1, 'x')
  const items = failures.items.map((item) => ({ ...item, source: '</noscript><img src=x>' }))
  const options = optionsOf({ failures: { items, total: 1 } })
  const { html } = await writeReport(TEMPLATE, options)
  const plain = /<noscript>([\s\S]*?)<\/noscript>/.exec(html)?.[1] ?? ''
  expect(plain).toContain('<th scope="col">Rows loaded</th>')
  expect(plain).toContain('&#60;/noscript&#62;&#60;img src=x&#62;')
  expect(html.split('</noscript>')).toHaveLength(2)
  expect(html).not.toContain('<img')
})

test('a template without its one place for the data is refused', async () => {
  await expect(writeReport('<html></html>', optionsOf({}))).rejects.toThrow(RangeError)
  await expect(writeReport(TEMPLATE + TEMPLATE, optionsOf({}))).rejects.toThrow(RangeError)
})

function slotOf(html: string): { readonly encoding: string; readonly text: string } {
  const match = /<script type="application\/json" id="report-data" data-encoding="(\w+)">([\s\S]*?)<\/script>/.exec(
    html,
  )
  return { encoding: match?.[1] ?? '', text: match?.[2] ?? '' }
}

function failuresOf(count: number, message: string): Facts['failures'] {
  const items = Array.from({ length: count }, (_, index) => ({
    source: 's',
    dataset: 'd',
    path: `file-${index}`,
    stamp: '1:2:3:4' as const,
    run: 'r',
    code: 'PQ101',
    message,
    failedAtMs: index,
    attempts: 1,
  }))
  return { items, total: count }
}

function optionsOf(facts: Partial<Facts>): ReportOptions {
  const none = { items: [], total: 0 }
  return {
    version: '0.1.0',
    project: 'p',
    command: 'tidegate monitor',
    context: { nowMs: 0, config: [] },
    facts: {
      factsVersion: 1,
      sinceMs: 0,
      untilMs: 1,
      reachMs: 0,
      runs: none,
      fileHours: [],
      folders: none,
      scores: [],
      checkDays: [],
      checkFailures: [],
      failedChecks: none,
      files: none,
      lastLoaded: [],
      held: none,
      failures: none,
      quarantine: [],
      repairs: [],
      schemas: [],
      contracts: [],
      watermarks: [],
      leases: [],
      ...facts,
    },
  }
}
