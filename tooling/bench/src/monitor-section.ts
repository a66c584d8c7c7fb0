import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { liveAssets } from '@tidegate/dashboard'
import { openState } from '@tidegate/state'
import type { BenchContext, Section } from './bench-context.ts'
import type { MonitorWork } from './monitor-worker.ts'
import { findChromium, timePage } from './page-times.ts'
import type { ResultRow } from './result-row.ts'
import { runNode } from './run-node.ts'
import { fillHistory, FULL_HISTORY } from './synthetic-history.ts'

export const monitorSection: Section = {
  name: 'monitor',
  about: 'the report over 10,000 runs and 1,000,000 files: time, size, memory; its page in headless Chromium',
  run: runMonitor,
}

/** The same past each time. */
const END_MS = Date.UTC(2026, 10, 1)
const DAY_MS = 86_400_000

async function runMonitor({ folder, rounds, say }: BenchContext): Promise<readonly ResultRow[]> {
  const directory = path.join(folder, 'project')
  say('monitor: writing a past of 10,000 runs and 1,000,000 files (a minute)')
  await makePast(directory)
  const file = path.join(folder, 'report.html')
  const worker = fileURLToPath(new URL('./monitor-worker.ts', import.meta.url))
  const sinceMs = END_MS - FULL_HISTORY.days * DAY_MS
  const works: MonitorWork[] = []
  for (let round = 0; round < rounds; round += 1) {
    say(`monitor: report ${round + 1} of ${rounds}`)
    works.push(JSON.parse(await runNode([worker, directory, file, String(sinceMs), String(END_MS)])) as MonitorWork)
  }
  const best = works.toSorted((a, b) => a.tookMs - b.tookMs)[0]
  if (best === undefined) throw new Error('at least one round is needed')
  if (best.files < FULL_HISTORY.files * 0.99 || best.runs < FULL_HISTORY.runs * 0.99)
    throw new Error(`the report does not cover the past: ${JSON.stringify(best)}`)
  const peakBytes = Math.max(...works.map((work) => work.peakBytes ?? 0))
  const rows = [
    row('report in total', 's', best.tookMs / 1000, 5, parts(best)),
    row(
      'report file',
      'MB',
      best.fileBytes / 1e6,
      5,
      best.trimmed.length === 0 ? 'nothing left out' : `holds ${best.trimmed.join(', ')}`,
    ),
    row(
      'memory of the process that writes it, at most',
      'MiB',
      peakBytes / 2 ** 20,
      500 / 1.048_576,
      `${Math.round(peakBytes / 1e6)} MB of 500 MB`,
    ),
    row('JavaScript of the page, gzip', 'KB', scriptBytes() / 1000, 350),
  ]
  const chromium = findChromium()
  if (chromium === undefined) {
    say('monitor: no Chromium here (TIDEGATE_CHROMIUM names one): the page was not measured')
    return rows
  }
  say('monitor: the page in Chromium')
  const times = await timePage(chromium, file)
  return [
    ...rows,
    row(
      'page: first paint',
      'ms',
      times.firstPaintMs,
      1500,
      `Chromium ${times.version}; all figures stand there after ${Math.round(times.settledMs)} ms`,
    ),
    row(
      'page: from a change of filter or page to the next painted frame, 95th percentile',
      'ms',
      times.p95Ms,
      100,
      `of ${times.interactions}; median ${Math.round(times.medianMs)} ms; all charts stand after ${Math.round(times.drawnMedianMs)} ms in the median, ${Math.round(times.drawnP95Ms)} ms at the 95th percentile`,
    ),
  ]
}

async function makePast(directory: string): Promise<void> {
  const names = Array.from({ length: FULL_HISTORY.sources }, (_, index) => `source_${index + 1}`)
  const sources = Object.fromEntries(
    names.map((name, index) => [
      name,
      { path: `landing/${name}/**/*.parquet`, dataset: `dataset_${index + 1}`, expect: { every: '1d' } },
    ]),
  )
  mkdirSync(path.join(directory, '.tidegate'), { recursive: true })
  writeFileSync(path.join(directory, 'tidegate.yaml'), JSON.stringify({ version: 1, sources }))
  const file = path.join(directory, '.tidegate/state.db')
  const state = await openState({ path: file, readOnly: false, nowMs: () => END_MS })
  await state.close()
  fillHistory(file, { ...FULL_HISTORY, endMs: END_MS })
}

/** All scripts that the live page loads; the file has the same ones inline. */
function scriptBytes(): number {
  const folder = path.join(liveAssets().folder, 'assets')
  return readdirSync(folder)
    .filter((name) => name.endsWith('.js'))
    .reduce((sum, name) => sum + gzipSync(readFileSync(path.join(folder, name))).length, 0)
}

function parts({ openMs, readMs, writeMs, dataBytes }: MonitorWork): string {
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`
  return `open ${seconds(openMs)}, read the facts ${seconds(readMs)}, write ${seconds(writeMs)}; ${(dataBytes / 1e6).toFixed(1)} MB of data before packing`
}

function row(what: string, unit: ResultRow['unit'], ours: number, most: number, note?: string): ResultRow {
  return {
    section: 'monitor',
    what,
    unit,
    ours,
    bare: null,
    ratio: null,
    bar: `≤ ${most.toLocaleString('en-US', { maximumFractionDigits: 0 })} ${unit}`,
    verdict: ours <= most ? 'met' : 'missed',
    ...(note === undefined ? {} : { note }),
  }
}
