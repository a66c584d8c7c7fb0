/** The act of the quarantine: a rule was too strict. Killed twice, resumed twice, and each row is there once. */
import { appendFileSync } from 'node:fs'
import path from 'node:path'
import type { Stage } from './acts.ts'
import { countStrikes } from './count-rows.ts'
import { STRIKES_CONFIG } from './demo-config.ts'
import { layStrikes, strikesUpTo, writeStrikesContract } from './lay-strikes.ts'

const TOO_STRICT = 250
const MENDED = 320

export async function playStrikes(stage: Stage): Promise<void> {
  const years = layStrikes(path.join(stage.directory, 'landing'))
  appendFileSync(path.join(stage.directory, 'tidegate.yaml'), STRIKES_CONFIG)
  writeStrikesContract(stage.directory, TOO_STRICT)
  const database = path.join(stage.directory, 'lake/strikes.duckdb')
  stage.say(
    'Thirteen years of bird strikes go into a table of a DuckDB file, four files per commit. Somebody wrote the rule that\n' +
      `nothing flies faster than ${TOO_STRICT} knots. The third commit is killed with all of its rows in the open transaction:`,
  )
  await stage.tidegate(['ingest', 'strikes'], { killAt: { phase: 'rows-copied', nth: 3 } })
  const committed = years.filter(({ year }) => year < 1998)
  stage.check(
    'rows in the table, asked of DuckDB: the first two commits',
    (await countStrikes(database)).rows,
    strikesUpTo(committed, TOO_STRICT),
  )
  await stage.tidegate(['ingest', 'strikes'])
  stage.check(
    'rows in the table: each good row once',
    (await countStrikes(database)).rows,
    strikesUpTo(years, TOO_STRICT),
  )

  stage.say('\nWhat fell out, and why:')
  await stage.tidegate(['quarantine', 'ls', '--source', 'strikes'])
  await stage.tidegate(['quarantine', 'show', 'strikes-2001.csv'])
  stage.say(
    `\nJets are faster than that. The rule is mended (${MENDED} knots), and what is held is judged again. Killed, again:`,
  )
  writeStrikesContract(stage.directory, MENDED)
  const replay = ['quarantine', 'replay', '--all', '--source', 'strikes']
  await stage.tidegate(replay, { killAt: { phase: 'entry-inserted' } })
  stage.check('rows in the table: as before', (await countStrikes(database)).rows, strikesUpTo(years, TOO_STRICT))
  await stage.tidegate(replay, { exit: 3 })
  stage.say('  Exit code 3: some rows are held still. Those that are good now are in the table, once:')
  const { rows, foreign } = await countStrikes(database)
  stage.check('rows in the table', rows, strikesUpTo(years, MENDED))
  stage.check('rows that are in no file, or twice', foreign, 0)
  const again = await stage.tidegateJson(replay, { exit: 3 })
  stage.check('rows loaded by a second replay', (again as { totals: { rowsLoaded: number } }).totals.rowsLoaded, 0)
  stage.check('rows in the table', (await countStrikes(database)).rows, strikesUpTo(years, MENDED))
}
