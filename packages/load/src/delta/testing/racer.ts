/** Loads f0 … fN one by one, as another process does at the same time. Prints how its commits ended. */
import { writeSync } from 'node:fs'
import { openDuckDB } from '@tidegate/duckdb'
import { openIn, placesIn, stageBatch } from './delta-story.ts'

const [root, name, files] = process.argv.slice(2)
if (root === undefined || name === undefined) throw new Error('usage: racer.ts ROOT NAME FILES')

const ended: Record<string, number> = {}
const session = await openDuckDB({ threads: 1 })
const target = await openIn(placesIn(root), session)
await target.recover()
for (let at = 0; at < Number(files); at += 1) {
  const id = `f${at}#1`
  const select = `SELECT '${id}' AS file, range AS n FROM range(${at + 1})`
  const { staging, draft } = await stageBatch(target, session, `${name}${at}`, id, select)
  const { kind } = await target.commit(draft)
  ended[kind] = (ended[kind] ?? 0) + 1
  if (kind === 'conflict') await staging.drop()
}
await target.publish()
await session.close()
writeSync(1, JSON.stringify(ended))
