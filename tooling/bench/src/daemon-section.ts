import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { openState } from '@tidegate/state'
import type { BenchContext, Section } from './bench-context.ts'
import type { ClientReport } from './daemon-clients.ts'
import type { WeekReport } from './daemon-week.ts'
import type { ResultRow } from './result-row.ts'
import { runNode } from './run-node.ts'
import { watchStolenTime } from './stolen-time.ts'
import { fillHistory } from './synthetic-history.ts'

export const daemonSection: Section = {
  name: 'daemon',
  about: '500 API clients for a minute on loopback: time, failures, memory; a week of its life on a virtual clock',
  run: runDaemon,
}

const CLIENTS = 500
const SECONDS = 60
/** Before it counts: a server's first seconds compile its code. They have a row of their own. */
const WARM_SECONDS = 5
/** A minute of which the host took more than this is measured again, at most so often; the one that it took least of counts. */
const MOST_STOLEN = 0.03
const MOST_ROUNDS = 3
const P99_MS = 150
/** What pages and programs ask for, all of it reading. */
const PATHS = [
  '/api/v1/runs?limit=20',
  '/api/v1/files?limit=20',
  '/api/v1/ingestions',
  '/api/v1/schedules',
  '/api/v1/watermarks',
  '/api/v1/alerts',
  '/api/v1/quarantine?limit=20',
  '/api/v1/validations?limit=20',
  '/views/overview',
  '/metrics',
  '/readyz',
]

async function runDaemon({ folder, quick, say }: BenchContext): Promise<readonly ResultRow[]> {
  const directory = path.join(folder, 'project')
  const seconds = quick ? 10 : SECONDS
  say('daemon: writing a past of 1,000 runs and 100,000 files')
  await makePast(directory)
  const daemon = await startDaemon(directory)
  const rows: ResultRow[] = []
  try {
    say(`daemon: ${CLIENTS} clients, each asks once a second, for ${seconds} s`)
    const rounds = await measureRounds(daemon, quick ? 1 : MOST_ROUNDS, seconds)
    const { paced, growth, peakBytes, stolen } = rounds.toSorted((a, b) => a.stolen - b.stolen)[0] as Round
    const first = rounds[0] as Round
    rows.push(
      row(
        `${CLIENTS} clients, each once a second: 99th percentile`,
        'ms',
        paced.p99Ms,
        P99_MS,
        `${describe(paced)}; ${hostNote(stolen, rounds)}`,
      ),
      noBar(
        `the same in the first ${WARM_SECONDS} s of the daemon's life, which are not in the line above`,
        first.paced.warmP99Ms,
      ),
      row('answers that are failures of the daemon (5xx) or did not come', 'answers', failuresOf(rounds), 0),
      row(
        'memory of the last quarter of that time, of the second quarter',
        '%',
        growth * 100,
        110,
        `at most ${Math.round(peakBytes / 2 ** 20)} MiB`,
      ),
    )
    say(`daemon: ${CLIENTS} clients, each asks again at once, for ${seconds} s`)
    const host = watchStolenTime()
    const busy = await drive(daemon.url, seconds, 0)
    rows.push(
      noBar(
        'the same, each asks again at once: 99th percentile',
        busy.p99Ms,
        `${describe(busy)}; ${hostNote(host.end(), [])}`,
      ),
      row('failures meanwhile', 'answers', failures(busy), 0),
    )
  } finally {
    daemon.child.kill('SIGKILL')
  }
  say('daemon: a week on a virtual clock (two minutes)')
  const worker = fileURLToPath(new URL('./daemon-week.ts', import.meta.url))
  const week = JSON.parse(await runNode([worker, path.join(folder, 'week'), quick ? '1' : '7'])) as WeekReport
  return [
    ...rows,
    row(
      `${week.days} days: memory of the last quarter, of the second quarter`,
      '%',
      week.growth * 100,
      110,
      `${week.ticks.toLocaleString('en-US')} ticks, ${week.runs.toLocaleString('en-US')} runs, ${week.alerts.toLocaleString('en-US')} signals; at most ${Math.round(week.peakBytes / 2 ** 20)} MiB`,
    ),
    row(`${week.days} days: ticks without exactly one run`, 'ticks', week.wrongTicks, 0),
  ]
}

interface Round {
  readonly paced: ClientReport
  readonly growth: number
  readonly peakBytes: number
  /** Share of the processors' time that the host gave to others. */
  readonly stolen: number
}

async function measureRounds(
  daemon: { readonly child: ChildProcess; readonly url: string },
  most: number,
  seconds: number,
): Promise<readonly Round[]> {
  const rounds: Round[] = []
  while (rounds.length < most && rounds.every(({ stolen }) => stolen > MOST_STOLEN)) {
    const memory = sampleMemory(daemon.child)
    const host = watchStolenTime()
    const paced = await drive(daemon.url, seconds, 1000)
    rounds.push({ paced, ...memory.end(), stolen: host.end() })
  }
  return rounds
}

function hostNote(stolen: number, rounds: readonly Round[]): string {
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
  const note = `the host took ${percent(stolen)} of the processors`
  if (rounds.length < 2) return note
  const all = rounds.map((round) => `${Math.round(round.paced.p99Ms)} ms at ${percent(round.stolen)}`)
  return `${note}; all rounds: ${all.join(', ')}`
}

function failuresOf(rounds: readonly Round[]): number {
  return rounds.reduce((sum, { paced }) => sum + failures(paced), 0)
}

function noBar(what: string, ms: number, note?: string): ResultRow {
  return { ...row(what, 'ms', ms, 0, note), bar: '', verdict: 'no bar' }
}

async function makePast(directory: string): Promise<void> {
  const size = { sources: 10, runs: 1000, files: 100_000, checksPerFile: 20, checks: 100_000, days: 9 }
  const sources = Object.fromEntries(
    Array.from({ length: size.sources }, (_, index) => [
      `source_${index + 1}`,
      {
        path: `landing/source_${index + 1}/**/*.parquet`,
        dataset: `dataset_${index + 1}`,
        schedule: { cron: '0 3 * * *' },
      },
    ]),
  )
  mkdirSync(path.join(directory, '.tidegate'), { recursive: true })
  // What is measured is the daemon, and not how it refuses a flood.
  writeFileSync(
    path.join(directory, 'tidegate.yaml'),
    JSON.stringify({ version: 1, sources, server: { requests_per_minute: 1_000_000 } }),
  )
  const file = path.join(directory, '.tidegate/state.db')
  const state = await openState({ path: file, nowMs: Date.now })
  await state.close()
  fillHistory(file, { ...size, endMs: Date.now() })
}

async function startDaemon(directory: string): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const bin = path.join(
    path.dirname(createRequire(import.meta.url).resolve('tidegate/package.json')),
    'bin/tidegate.js',
  )
  const words = ['-C', directory, 'serve', '--port', '0', '--output', 'json', '--log-level', 'error']
  const child = spawn(process.execPath, [bin, ...words], { stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  while (!out.includes('"url"') || !out.trimEnd().endsWith('}')) {
    if (child.exitCode !== null) throw new Error(`the daemon ended with ${child.exitCode}`)
    await setTimeout(20)
  }
  return { child, url: (JSON.parse(out) as { url: string }).url }
}

async function drive(url: string, seconds: number, pauseMs: number): Promise<ClientReport> {
  const clients = fileURLToPath(new URL('./daemon-clients.ts', import.meta.url))
  return JSON.parse(
    await runNode([clients, url, String(CLIENTS), String(WARM_SECONDS), String(seconds), String(pauseMs), ...PATHS]),
  ) as ClientReport
}

/** Resident bytes of a process, once a second. */
function sampleMemory(child: ChildProcess): { end(): { readonly growth: number; readonly peakBytes: number } } {
  const samples: number[] = []
  const timer = setInterval(() => samples.push(residentBytes(child.pid ?? 0)), 1000)
  return {
    end() {
      clearInterval(timer)
      return { growth: growthOf(samples), peakBytes: Math.max(0, ...samples) }
    },
  }
}

/** Mean of the last quarter by that of the second one. */
export function growthOf(samples: readonly number[]): number {
  const quarter = Math.floor(samples.length / 4)
  const mean = (part: readonly number[]): number => part.reduce((sum, one) => sum + one, 0) / part.length
  return mean(samples.slice(-quarter)) / mean(samples.slice(quarter, 2 * quarter))
}

function residentBytes(pid: number): number {
  return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
}

function failures({ statuses }: ClientReport): number {
  return Object.entries(statuses).reduce((sum, [status, count]) => (/^[1-4]/.test(status) ? sum : sum + count), 0)
}

function describe({ requests, seconds, statuses, paths, p50Ms, maxMs }: ClientReport): string {
  const slowest = Object.entries(paths).toSorted(([, a], [, b]) => b.p99Ms - a.p99Ms)[0]
  const answered = Object.entries(statuses).map(([status, count]) => `${count.toLocaleString('en-US')} × ${status}`)
  return `${Math.round(requests / seconds).toLocaleString('en-US')} answers/s; ${answered.join(', ')}; median ${p50Ms.toFixed(1)} ms, longest ${Math.round(maxMs)} ms; slowest ${slowest?.[0]} ${Math.round(slowest?.[1].p99Ms ?? 0)} ms`
}

function row(what: string, unit: ResultRow['unit'], ours: number, most: number, note?: string): ResultRow {
  return {
    section: 'daemon',
    what,
    unit,
    ours,
    bare: null,
    ratio: null,
    bar: most === 0 ? '0' : `≤ ${most} ${unit}`,
    verdict: ours <= most ? 'met' : 'missed',
    ...(note === undefined ? {} : { note }),
  }
}
