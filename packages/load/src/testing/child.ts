/**
 * Runs one command on a target in a process of its own and, if told so, dies by SIGKILL at the nth mark of a phase (`*`:
 * of any phase). Prints the marks it passed as JSON.
 */
import { writeSync } from 'node:fs'
import type { Mark } from '../index.ts'
import { foldersIn, openTarget, tellStory } from './story.ts'

const [root, command, fence, phase, hit] = process.argv.slice(2)
if (root === undefined || command === undefined) throw new Error('usage: child.ts ROOT COMMAND FENCE [PHASE HIT]')

const passed: string[] = []
const mark: Mark = (name) => {
  passed.push(name)
  const hits = phase === '*' ? passed.length : passed.filter((other) => other === phase).length
  if ((phase === '*' || phase === name) && hits === Number(hit)) process.kill(process.pid, 'SIGKILL')
}

if (command === 'recover') await (await openTarget(foldersIn(root), mark)).recover()
else {
  const { openDuckDB } = await import('@tidegate/duckdb')
  const session = await openDuckDB({ threads: 1 })
  await tellStory(foldersIn(root), session, Number(fence), mark)
  await session.close()
}
writeSync(1, JSON.stringify(passed))
