/** Tells the story, or only recovers, in a process of its own, and dies by SIGKILL at the nth mark. Prints the marks it passed. */
import { writeSync } from 'node:fs'
import { openDuckDB } from '@tidegate/duckdb'
import type { DeltaMark } from '../mark.ts'
import { openIn, placesIn, tellDeltaStory } from './delta-story.ts'

const [root, command, hit] = process.argv.slice(2)
if (root === undefined || command === undefined) throw new Error('usage: child.ts ROOT COMMAND HIT')

const passed: string[] = []
const mark: DeltaMark = (name) => {
  passed.push(name)
  if (passed.length === Number(hit)) process.kill(process.pid, 'SIGKILL')
}
const session = await openDuckDB({ threads: 1 })
if (command === 'recover') await (await openIn(placesIn(root), session, { mark })).recover()
else await tellDeltaStory(placesIn(root), session, 1, mark)
await session.close()
writeSync(1, JSON.stringify(passed))
