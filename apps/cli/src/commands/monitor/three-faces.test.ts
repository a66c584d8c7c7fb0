/**
 * One history, three faces: what the terminal's JSON, the server and the page's own data say is the same, section by
 * section. The page computes its views in the browser by the functions that are used here.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { liveAssets } from '@tidegate/dashboard'
import {
  MONITOR_SECTIONS,
  monitorView,
  monitoredSources,
  type MonitorSection,
  type ReportData,
} from '@tidegate/monitor'
import { openProject } from '@tidegate/project/open'
import { serveMonitor, type MonitorServer } from '@tidegate/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { plainContext } from '../../testing/plain-context.ts'
import { runCli } from '../../testing/run-cli.ts'
import { ordersCsv, ordersProject } from '../../testing/small-project.ts'
import { monitor } from '../monitor.ts'

const project = ordersProject({
  'landing/good.csv': ordersCsv(1, 20),
  "landing/a'b</script>.csv": ordersCsv(100, 20),
  'landing/bad.csv': 'id,amount,city\n901,5000,Oslo\n',
  'landing/copy.csv': ordersCsv(1, 20),
  'landing/broken.csv': 'id,amount\n"1,2\n',
})
const cwd = project.directory
/** The next whole minute: windows on a server begin with one. */
let nowMs = 0
let server: MonitorServer
let page: ReportData
const close: (() => Promise<void>)[] = []

beforeAll(async () => {
  await runCli(['ingest'], { cwd })
  project.write('landing/late.csv', ordersCsv(500, 5))
  await runCli(['ingest'], { cwd })
  nowMs = Math.ceil(Date.now() / 60_000) * 60_000
  await said({ html: 'report.html' })
  page = embedded(path.join(cwd, 'report.html'))
  const opened = await openProject({ directory: cwd, readOnly: true })
  if (opened.kind !== 'ok') throw new Error(opened.kind)
  const { config, state } = opened.project
  server = await serveMonitor({
    facts: state,
    assets: liveAssets(),
    sources: monitoredSources(config),
    project: 'orders',
    version: '0',
    command: 'tidegate monitor',
    nowMs: () => nowMs,
  })
  close.push(
    () => server.close(),
    () => opened.project.close(),
  )
})
afterAll(async () => {
  for (const end of close) await end()
  project.remove()
})

test.for(MONITOR_SECTIONS)('%s says the same in all three', async (section) => {
  const terminal = (JSON.parse(await said({ section })) as Record<string, unknown>)[section]
  const live: unknown = await (await fetch(`${server.url}views/${section}`)).json()
  const offline: unknown = JSON.parse(JSON.stringify(monitorView(section, page.facts, page.context)))
  expect(comparable(section, live)).toEqual(comparable(section, terminal))
  expect(comparable(section, offline)).toEqual(comparable(section, terminal))
})

test('the history has something to say in it', async () => {
  const failures = monitorView('failures', page.facts, page.context)
  expect(failures.total).toBeGreaterThan(0)
  expect(monitorView('timeline', page.facts, page.context).runsTotal).toBe(2)
  expect(page).toMatchObject({ kind: 'tidegate-report', samples: 'none' })
})

test('the page that a server gives out is the one that was built', async () => {
  const index = await (await fetch(server.url)).text()
  const [, script = ''] = /src="(\/assets\/page-[^"]+\.js)"/.exec(index) ?? []
  const asset = await fetch(new URL(script, server.url))
  expect([asset.status, asset.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8'])
})

/** Each face names the command that makes itself. */
function comparable(section: MonitorSection, view: unknown): unknown {
  return section === 'report' ? { ...(view as object), command: '' } : view
}

async function said(args: Parameters<typeof monitor>[0]): Promise<string> {
  const plain = plainContext(cwd, 'json')
  expect(await monitor(args, { ...plain, nowMs: () => nowMs })).toBe(0)
  return plain.written()
}

function embedded(file: string): ReportData {
  const pattern = /<script type="application\/json" id="report-data" data-encoding="(json|gzip)">([^<]*)<\/script>/
  const [, encoding, text = ''] = pattern.exec(readFileSync(file, 'utf8')) ?? []
  const json = encoding === 'gzip' ? gunzipSync(Buffer.from(text, 'base64')).toString() : text
  return JSON.parse(json) as ReportData
}
