/**
 * `npm run demo:history -- --days 35 --out DIR [--until TIME]`: a past that really happened, in a minute: the demo's data
 * landing day by day under a clock of its own, and the real ingest over it.
 */
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { replayHistory } from './replay-history.ts'

const USAGE = `usage: npm run demo:history -- [--days 35] [--out DIR] [--until TIME]
  --days   how long the past is, 2 to 120 days
  --out    the project folder: its landing zone, lake and state are made anew (default: demo-history)
  --until  its end, an ISO time (default: now); the same end gives the same history`

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    // What npm and pnpm hand on of the separator.
    args: args.filter((arg) => arg !== '--'),
    options: {
      days: { type: 'string', default: '35' },
      out: { type: 'string', default: 'demo-history' },
      until: { type: 'string', default: new Date().toISOString() },
      help: { type: 'boolean', default: false },
    },
  })
  const days = Number(values.days)
  const untilMs = Date.parse(values.until)
  if (values.help || !Number.isInteger(days) || days < 2 || days > 120 || Number.isNaN(untilMs)) {
    process.stderr.write(`${USAGE}\n`)
    return values.help ? 0 : 2
  }
  // Where the person is, not the package.
  const directory = path.resolve(process.env['INIT_CWD'] ?? '.', values.out)
  mkdirSync(directory, { recursive: true })
  const startedAt = performance.now()
  const { runs, failedRuns, loaded, held, rowsLoaded, rowsRejected } = await replayHistory({
    directory,
    days,
    untilMs,
    say: (line) => process.stderr.write(`${line}\n`),
  })
  const took = ((performance.now() - startedAt) / 1000).toFixed(0)
  process.stdout.write(
    `${days} days in ${took} s: ${runs} runs (${failedRuns} failed), ${loaded} files loaded, ${held} held, ` +
      `${rowsLoaded} rows loaded, ${rowsRejected} rejected. Look at it:\n` +
      `  npx tidegate monitor -C ${directory} --since ${days}d\n` +
      `  npx tidegate monitor -C ${directory} --since ${days}d --html report.html\n` +
      `  npx tidegate monitor -C ${directory} --since ${days}d --serve\n`,
  )
  return 0
}

process.exitCode = await main(process.argv.slice(2))
