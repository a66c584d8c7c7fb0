/** Loads f0 … fN one by one, as another process does at the same time. Prints how its commits ended. */
import { writeSync } from 'node:fs'
import { openDuckDB } from '@tidegate/duckdb'
import { foldersIn, openTarget } from './story.ts'
import { stageLoad } from './temp-target.ts'

const [root, name, files] = process.argv.slice(2)
if (root === undefined || name === undefined) throw new Error('usage: racer.ts ROOT NAME FILES')

const ended: Record<string, number> = {}
const session = await openDuckDB({ threads: 1 })
const target = await openTarget(foldersIn(root))
await target.recover()
for (let at = 0; at < Number(files); at += 1) {
  const { staging, draft } = await stageLoad(target, session, `${name}${at}`, `f${at}#1`, at + 1)
  const { kind } = await target.commit(draft)
  ended[kind] = (ended[kind] ?? 0) + 1
  if (kind === 'conflict') await staging.drop()
  if (at % 3 === 0) await target.publish()
}
await target.publish()
await session.close()
writeSync(1, JSON.stringify(ended))
