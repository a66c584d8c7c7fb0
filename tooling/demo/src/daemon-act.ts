/** The act of the daemon: a file arrives while nobody looks. Killed in between, started again, and each row is there once. */
import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { DemoFailed, tidegateBin, type Stage } from './acts.ts'
import { countStrikes } from './count-rows.ts'
import { placeFor } from './landed-file.ts'

const SERVE = [
  'serve',
  '--port',
  '0',
  '--set',
  'sources.strikes.schedule={on_arrival: true, poll: 1s}',
  '--set',
  'sources.strikes.ready={settle: 1s}',
]
/** Slow machines take their time, and nothing is won by giving up early. */
const PATIENCE_MS = 120_000
const ARRIVED = 40

export async function playDaemon(stage: Stage): Promise<void> {
  const database = path.join(stage.directory, 'lake/strikes.duckdb')
  const before = (await countStrikes(database)).rows
  stage.say(`$ tidegate ${SERVE.map((word) => (/[\s{]/.test(word) ? `'${word}'` : word)).join(' ')}`)
  let daemon = await startDaemon(stage.directory)
  try {
    stage.say('  It watches the folder now. A new file arrives, and while it is being loaded the daemon is killed:')
    layNextYear(stage.directory)
    const first = await waitForRun(daemon, ({ state }) => state !== 'queued')
    daemon.child.kill('SIGKILL')
    stage.say('  ✗ killed (SIGKILL). Started again:')
    daemon = await startDaemon(stage.directory)
    const run = await waitForRun(daemon, ({ state }) => !['queued', 'running', 'retrying'].includes(state), first.id)
    stage.say(`$ curl ${daemon.url}api/v1/runs/${run.id}`)
    stage.say(
      `  ${JSON.stringify({ id: run.id, trigger: run.trigger, state: run.state, attemptCount: run.attemptCount })}`,
    )
    stage.check('it is the same run, and it went well', run.state, 'ok')
    stage.check(
      'rows in the table, asked of DuckDB: those of the file, once',
      (await countStrikes(database)).rows - before,
      ARRIVED,
    )
    const { items } = await ask<{ items: readonly RunView[] }>(daemon, 'api/v1/runs?source=strikes&limit=50')
    const made = items.filter(({ trigger }) => trigger === 'arrival')
    stage.check('runs that the arrival made', made.length, 1)
    stage.say('  Asked to stop, it ends in order:')
    stage.check('exit code after SIGTERM', await ended(daemon.child), 143)
  } finally {
    daemon.child.kill('SIGKILL')
  }
}

interface DaemonProcess {
  readonly child: ChildProcess
  readonly url: string
}

interface RunView {
  readonly id: string
  readonly state: string
  readonly trigger: string
  readonly attemptCount: number
}

async function startDaemon(cwd: string): Promise<DaemonProcess> {
  const child = spawn(process.execPath, [tidegateBin(), ...SERVE, '--output', 'json', '--log-level', 'warn'], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  })
  let out = ''
  let err = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text))
  const untilMs = performance.now() + PATIENCE_MS
  for (;;) {
    try {
      return { child, url: (JSON.parse(out) as { url: string }).url }
    } catch {
      if (child.exitCode !== null || performance.now() > untilMs) {
        child.kill('SIGKILL')
        throw new DemoFailed(`the daemon did not start: ${err}`)
      }
      await setTimeout(50)
    }
  }
}

/** The newest run of the source that an arrival made, or the one of this id, once it is as wanted. */
async function waitForRun(daemon: DaemonProcess, isWanted: (run: RunView) => boolean, id?: string): Promise<RunView> {
  const untilMs = performance.now() + PATIENCE_MS
  for (;;) {
    const { items } = await ask<{ items: readonly RunView[] }>(daemon, 'api/v1/runs?source=strikes&limit=50')
    const run = items.find((one) => (id === undefined ? one.trigger === 'arrival' : one.id === id))
    if (run !== undefined && isWanted(run)) return run
    if (performance.now() > untilMs) throw new DemoFailed(`no run came to its end: ${JSON.stringify(items[0])}`)
    await setTimeout(100)
  }
}

async function ask<Answer>(daemon: DaemonProcess, address: string): Promise<Answer> {
  const answer = await fetch(new URL(address, daemon.url))
  if (!answer.ok) throw new DemoFailed(`${address}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as Answer
}

/** Rows of the last year, moved by one. */
function layNextYear(directory: string): void {
  const zone = path.join(directory, 'landing')
  const [header = '', ...rows] = readFileSync(path.join(zone, 'strikes/strikes-2002.csv'), 'utf8').trimEnd().split('\n')
  const slow = rows.filter((row) => !(Number(row.slice(row.lastIndexOf(',') + 1)) > 300)).slice(0, ARRIVED)
  const text = [header, ...slow.map((row) => row.replace(',2002-', ',2003-')), ''].join('\n')
  writeFileSync(placeFor(zone, 'strikes/strikes-arrived.csv'), text)
}

async function ended(child: ChildProcess): Promise<number | null> {
  const exit = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  child.kill('SIGTERM')
  return exit
}
