import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { stringifyJson } from '@tidegate/core'
import { MONITOR_SECTIONS, monitorReport, monitorView, type MonitorReport } from './monitor-report.ts'
import type { MonitorContext } from './monitored-source.ts'
import { aCheck, aFile, aRun, aSource, DAY, factsOf, NOW, type Records } from './testing/facts-builder.ts'
import { richRecords } from './testing/rich-records.ts'

const context: MonitorContext = {
  nowMs: NOW,
  config: [
    aSource({
      expect: { files: 1, by: '10:00', every: '1h' },
      watermark: { column: 'd', type: null, lagMs: 0 },
      notify: ['ops'],
    }),
  ],
  version: '1.2.3',
  command: 'tidegate monitor --since 7d',
}

async function reportOf(records: Records, given: MonitorContext = context): Promise<MonitorReport> {
  return monitorReport(await factsOf(records), given)
}

const HOSTILE = ['</script><img onerror=x>', "'; DROP TABLE x", '\ud800', '../../x', 'ü\n\u202e', 'a'.repeat(10_000)]

function hostileRecords(): Records {
  return {
    runs: HOSTILE.map((source) => aRun({ id: source, source, status: 'failed', errorCode: source })),
    files: HOSTILE.map((name) =>
      aFile({
        source: name,
        dataset: name,
        path: `${name}/${name}`,
        outcome: 'held',
        reasons: [{ check: name, severity: 'critical', message: name }],
      }),
    ),
    checks: HOSTILE.map((name) =>
      aCheck('failed', { source: name, dataset: name, file: name }, { id: name, message: name }),
    ),
  }
}

test('an empty project gives a whole report without NaN', async () => {
  const report = await reportOf({}, { nowMs: NOW, config: [] })
  expect(Object.keys(report)).toEqual(['schemaVersion', 'kind', 'generatedAt', 'window', ...MONITOR_SECTIONS])
  expect(stringifyJson(report)).not.toMatch(/NaN|Infinity/)
})

test('every section says in a sentence what is to be seen, whatever there is', async () => {
  for (const report of [await reportOf({}), await reportOf(richRecords()), await reportOf(hostileRecords())]) {
    for (const section of MONITOR_SECTIONS) {
      expect(report[section].summary, section).toMatch(/^[^]{10,}\.$/)
      expect(report[section].summary, section).not.toMatch(/NaN|undefined|null|Infinity|\[object/)
    }
  }
})

test('one section alone is the same as in the report', async () => {
  const facts = await factsOf(richRecords())
  const report = monitorReport(facts, context)
  for (const section of MONITOR_SECTIONS) expect(monitorView(section, facts, context)).toEqual(report[section])
})

test('the whole report survives JSON, so what a page gets is what the terminal shows', async () => {
  const facts = await factsOf(richRecords())
  const copy = JSON.parse(stringifyJson(facts)) as typeof facts
  expect(monitorReport(copy, context)).toEqual(monitorReport(facts, context))
  const report = monitorReport(facts, context)
  expect(JSON.parse(stringifyJson(report))).toEqual(report)
})

test('extreme numbers and dates stay finite or null', async () => {
  const records = {
    runs: [aRun({ rowsRead: Number.MAX_SAFE_INTEGER, startedAtMs: NOW - 1, endedAtMs: NOW - 1 })],
    files: [
      aFile({ bytes: Number.MAX_SAFE_INTEGER, decidedAtMs: 8.64e15 + 1 }),
      aFile({ path: 'h', outcome: 'held', score: null }),
    ],
    checks: [aCheck('failed', { checkedAtMs: NOW + 400 * DAY })],
  }
  const report = await reportOf(records)
  expect(stringifyJson(report)).not.toMatch(/NaN|Infinity/)
  const all = monitorReport(await factsOf(records, { sinceMs: 0 }), context)
  expect(all.overview.days).toHaveLength(90)
})

type JsonSchema = { properties?: object; additionalProperties?: unknown } & Record<string, unknown>

/** The published schema lets readers meet fields of later versions; here none may be missing in it. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map((item) => strict(item))
  if (typeof schema !== 'object' || schema === null) return schema
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strict(value)])) as JsonSchema
  const isObject = copy['type'] === 'object' && copy.properties !== undefined
  return isObject ? { ...copy, additionalProperties: false } : copy
}

test('reports are as the published JSON Schema says, and nothing in them is missing there', async () => {
  const text = readFileSync(new URL('../schema/monitor-report.schema.json', import.meta.url), 'utf8')
  const validate = new Ajv2020({ strict: false, allErrors: true }).compile(strict(JSON.parse(text)) as object)
  for (const records of [{}, richRecords(), hostileRecords()]) {
    const report: unknown = JSON.parse(stringifyJson(await reportOf(records)))
    validate(report)
    expect(validate.errors ?? []).toEqual([])
  }
  expect(validate({ ...(await reportOf({})), schemaVersion: 1 })).toBe(false)
})

test('the rich history fills every list, so that the schema is really tried', async () => {
  const empty = new Set<string>()
  const filled = new Set<string>()
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return
    if (Array.isArray(value)) (value.length === 0 ? empty : filled).add(path)
    for (const [key, item] of Object.entries(value)) walk(item, Array.isArray(value) ? `${path}[]` : `${path}.${key}`)
  }
  walk(await reportOf(richRecords()), '')
  const never = [...empty].filter((path) => !filled.has(path) && !path.includes('children[].children'))
  // Nothing of so little is cut.
  expect(never).toEqual(['.files.cuts'])
})
