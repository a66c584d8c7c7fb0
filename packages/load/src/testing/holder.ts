/** Holds files one after another, with a checkpoint after each, until it is killed. Prints the number of each. */
import { writeSync } from 'node:fs'
import { foldersIn, openTarget } from './story.ts'
import { stageHold } from './temp-target.ts'

const [root, first] = process.argv.slice(2)
if (root === undefined || first === undefined) throw new Error('usage: holder.ts ROOT FIRST')

const target = await openTarget(foldersIn(root))
await target.recover()
for (let at = Number(first); ; at += 1) {
  const { draft } = await stageHold(target, `b${at}`, `f${at}#1`)
  const { kind } = await target.commit(draft)
  if (kind !== 'committed') throw new Error(`b${at}: ${kind}`)
  await target.publish()
  writeSync(1, `${at}\n`)
}
