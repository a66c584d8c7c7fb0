// A process that makes much garbage and keeps a little for a while, as one that answers requests does: `node keep-some.ts bound`
// or `free`. Prints the bytes of room for new objects at its end.
import { getHeapSpaceStatistics } from 'node:v8'
import { setImmediate } from 'node:timers/promises'
import { boundHeap } from '../daemon/bound-heap.ts'

if (process.argv[2] === 'bound') boundHeap()
const waiting: object[][] = []
const untilMs = performance.now() + 1500
while (performance.now() < untilMs) {
  waiting.push(Array.from({ length: 20_000 }, (_, index) => ({ index, text: `${String(index)} of some` })))
  if (waiting.length > 12) waiting.shift()
  await setImmediate()
}
const newSpace = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')
process.stdout.write(String(newSpace?.space_size ?? 0))
