/**
 * `npm run demo`: the main job on real data, told in acts. Every line that begins with `$` is a command that the reader can
 * repeat in the demo's folder. A fact that does not hold ends the demo with exit code 1.
 */
import { createHash } from 'node:crypto'
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { DemoFailed, openStage, type Stage } from './acts.ts'
import { countForeignFlights, countRows } from './count-rows.ts'
import { playDaemon } from './daemon-act.ts'
import { DEMO_CONFIG } from './demo-config.ts'
import { layArrivals, layLandingZone, type Manifest } from './landing-zone.ts'
import { recordIntoReadme } from './record.ts'
import { REPORT, writeReport } from './report-act.ts'
import { playStrikes } from './strikes-act.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const FOLDER = process.env['TIDEGATE_DEMO_FOLDER'] ?? path.join(ROOT, 'demo')
/** Suite files of Great Expectations, of both generations. */
const SUITES = fileURLToPath(new URL('../suites/', import.meta.url))
/** Written when the first run came to its end; a folder without it is a broken attempt of ours and is laid anew. */
const DONE = '.demo-complete.json'

const startedAt = performance.now()
try {
  // As seen from the clone's root, where the reader is.
  const shown = path.relative(ROOT, FOLDER) || '.'
  const stage = openStage({ directory: FOLDER })
  if (existsSync(path.join(FOLDER, DONE))) await playAgain(stage)
  else await playFirst(stage)
  if (process.argv.includes('--record')) recordIntoReadme(path.join(ROOT, 'README.md'), stage.transcripts)
  process.stdout.write(
    `\nThe demo took ${((performance.now() - startedAt) / 1000).toFixed(0)} s. Its project is in ${shown}: try\n` +
      `  npx tidegate -C ${shown} files ls\n  npx tidegate -C ${shown} monitor\n  ${path.join(shown, REPORT)} in a browser\n  npx tidegate check <your own file, glob or folder>\n`,
  )
} catch (error) {
  if (!(error instanceof DemoFailed)) throw error
  process.stderr.write(`\nThe demo failed: ${error.message}\n`)
  process.exitCode = 1
}

async function playFirst(stage: Stage): Promise<void> {
  for (const name of [
    'landing',
    'lake',
    'quarantine',
    'contracts',
    'suites',
    '.tidegate',
    'tidegate.yaml',
    'transcripts',
  ]) {
    rmSync(path.join(FOLDER, name), { recursive: true, force: true })
  }
  const zone = path.join(FOLDER, 'landing')
  let first: Manifest
  let second: Manifest

  await stage.act('Check: no configuration, nothing written', async () => {
    first = await layLandingZone(zone)
    stage.say('Twenty weeks of US flights have landed. What is in them, and does a file stand out?')
    await stage.tidegate(['check', 'landing/flights'])
  })

  await stage.act('Profile: learn one contract per table from the first twenty weeks', async () => {
    writeFileSync(path.join(FOLDER, 'tidegate.yaml'), DEMO_CONFIG)
    await stage.tidegate(['config', 'check'])
    await stage.tidegate(['profile', 'flights'])
    const profiled = await stage.tidegateJson(['profile'])
    const written = itemsOf(profiled).filter((item) => item['action'] === 'written' || item['action'] === 'kept')
    stage.check('contracts for flights, 68 small tables and five more', written.length, 74)
  })

  await stage.act('The rest arrives, with trouble: check the newest weeks', async () => {
    second = await layArrivals(zone)
    const trouble = second.files.filter((file) => file.kind !== 'good')
    for (const file of trouble) stage.say(`  ${file.kind.padEnd(16)} landing/${file.path}`)
    await stage.tidegate(['check', 'landing/flights/flights-2001-0[56]-*.parquet'], { exit: 4 })
  })

  await stage.act('Your Great Expectations suites, unchanged', async () => {
    cpSync(SUITES, path.join(FOLDER, 'suites'), { recursive: true })
    stage.say(
      'Two suite files as Great Expectations wrote them: one by 0.18, one by 1.x. A good week and a spoiled one:',
    )
    const good = ['--data', 'landing/flights/flights-2001-05-07.parquet']
    const spoiled = ['--data', 'landing/flights/flights-2001-06-11.parquet']
    await stage.tidegate(['validate', '--suite', 'suites/flights-0.18.json', ...good])
    await stage.tidegate(['validate', '--suite', 'suites/flights-1x.json', ...spoiled], { exit: 3 })
    await stage.tidegate(['validate', '--suite', 'suites/flights-1x.json', ...good, '--explain'])
    const answer = await stage.tidegateJson(['validate', '--suite', 'suites/flights-1x.json', ...spoiled], { exit: 3 })
    stage.say('  With --output json it is the validation result that programs of Great Expectations read:')
    stage.check('statistics.successful_expectations', statisticsOf(answer)['successful_expectations'], 2)
    stage.check('statistics.evaluated_expectations', statisticsOf(answer)['evaluated_expectations'], 4)
  })

  await stage.act('Ingest, killed half-way', async () => {
    await stage.tidegate(['ingest', 'flights'], { killAt: { phase: 'part-written', nth: 12 } })
    stage.say('  Twelve of the parts were written. What does a reader of the lake see?')
    stage.check('rows in lake/**/*.parquet', await countRows(path.join(FOLDER, 'lake/**/*.parquet')), 0)
  })

  await stage.act('Resume: the same command', async () => {
    await stage.tidegate(['ingest', 'flights'], { exit: 4 })
    stage.say('  Exit code 4: partly done, some files could not be read. Counted by DuckDB, not by Tidegate:')
    const flights = await countRows(path.join(FOLDER, 'lake/raw/flights/**/*.parquet'))
    stage.check('rows of flights in the lake', flights, goodRows(first, second, 'flights'))
    await stage.tidegateJson(['ingest'])
    stage.say('  The other six sources were ingested too:')
    for (const source of ['tables', 'weather', 'birdstrikes', 'movies', 'earthquakes', 'stations']) {
      const rows = await countRows(path.join(FOLDER, `lake/raw/${source}/**/*.parquet`))
      stage.check(`rows of ${source} in the lake`, rows, goodRows(first, second, source))
    }
  })

  await stage.act('Ingest again: nothing to do', async () => {
    await stage.tidegate(['ingest', 'flights'])
    const again = await stage.tidegateJson(['ingest'])
    stage.check('files loaded by a third run', totalsOf(again)['loaded'], 0)
    stage.check(
      'rows in lake/**/*.parquet',
      await countRows(path.join(FOLDER, 'lake/**/*.parquet')),
      goodRows(first, second),
    )
  })

  await stage.act('Why was it held?', async () => {
    const broken = second.files.find((file) => file.kind === 'breaks-contract')
    const name = path.basename(broken?.path ?? '')
    await stage.tidegate(['files', 'explain', name])
    await stage.tidegate(['quarantine', 'ls'])
    await stage.tidegate(['files', 'retry', name], { exit: 3 })
    stage.say('  exit code 3: judged once more, and the gate still holds it. Nothing was doubled:')
    stage.check(
      'rows in lake/**/*.parquet',
      await countRows(path.join(FOLDER, 'lake/**/*.parquet')),
      goodRows(first, second),
    )
  })

  let rows = 0
  await stage.act('A file that was cut off comes back', async () => {
    const cut = second.files.find((file) => file.kind === 'truncated')
    const landed = path.join(zone, cut?.path ?? '')
    const name = path.basename(landed)
    const before = sha256(landed)
    stage.say(
      'The upload of one week broke off: the last 40 % of its bytes are missing, and with them the footer, without',
    )
    stage.say('which no reader gets a single row. Ingest held it and wrote down what could be had:')
    await stage.tidegate(['files', 'explain', name])
    stage.say(
      '  Rows are missing for good, so Tidegate does not load the rest by itself: a person has to say yes, once.',
    )
    await stage.tidegate(['files', 'retry', name, '--set', 'sources.flights.repair=lossy'])
    stage.say('  The complete row groups are in the lake. Counted by DuckDB, not by Tidegate:')
    const lake = path.join(FOLDER, 'lake/raw/flights/**/*.parquet')
    rows = goodRows(first, second) + (cut?.complete ?? 0)
    stage.check('rows that came back', (await countRows(lake)) - goodRows(first, second, 'flights'), cut?.complete)
    stage.check('rows in lake/**/*.parquet', await countRows(path.join(FOLDER, 'lake/**/*.parquet')), rows)
    stage.check('rows of flights that the sender never sent', await countForeignFlights(lake), 0)
    stage.check('the landed file is byte for byte what it was', sha256(landed) === before, true)
    stage.say('  And the record says where each of these rows came from:')
    await stage.tidegate(['files', 'explain', name])
  })

  await stage.act('Kill, resume, and replay from quarantine', () => playStrikes(stage))

  await stage.act('Serve: files arrive while nobody looks', () => playDaemon(stage))

  await stage.act('Monitor: does anything need me?', async () => {
    await stage.tidegate(['monitor', 'overview'])
    await stage.tidegate(['monitor', 'failures'])
    await stage.tidegate(['watermarks', 'ls'])
  })

  await stage.act('The same in one file, for a browser', async () => {
    await writeReport(stage)
    writeFileSync(path.join(FOLDER, DONE), `${JSON.stringify({ rows }, undefined, 2)}\n`)
  })
}

/** The project of an earlier demo is kept: what was loaded stays loaded, and nothing is loaded twice. */
async function playAgain(stage: Stage): Promise<void> {
  const { rows } = JSON.parse(readFileSync(path.join(FOLDER, DONE), 'utf8')) as { rows: number }
  await stage.act('The demo project is there already: ingest once more', async () => {
    await stage.tidegate(['ingest', 'flights'])
    const again = await stage.tidegateJson(['ingest'])
    stage.check('files loaded', totalsOf(again)['loaded'], 0)
    stage.check('rows in lake/**/*.parquet', await countRows(path.join(FOLDER, 'lake/**/*.parquet')), rows)
  })
  await stage.act('Monitor', async () => {
    await stage.tidegate(['monitor', 'overview'])
    await writeReport(stage)
  })
}

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

/** Rows of the files that must be admitted, known from how the files were made. */
function goodRows(first: Manifest, second: Manifest, source?: string): number {
  return [...first.files, ...second.files]
    .filter((file) => file.kind === 'good' && (source === undefined || file.source === source))
    .reduce((sum, file) => sum + file.rows, 0)
}

function itemsOf(answer: unknown): readonly Readonly<Record<string, unknown>>[] {
  return (answer as { items: readonly Readonly<Record<string, unknown>>[] }).items
}

function statisticsOf(answer: unknown): Readonly<Record<string, unknown>> {
  return (answer as { statistics: Readonly<Record<string, unknown>> }).statistics
}

function totalsOf(answer: unknown): Readonly<Record<string, unknown>> {
  return (answer as { totals: Readonly<Record<string, unknown>> }).totals
}
