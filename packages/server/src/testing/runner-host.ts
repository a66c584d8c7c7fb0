/** A daemon in small: drives the jobs of a project until it is killed. Arguments: the project's folder. */
import { setTimeout as delay } from 'node:timers/promises'
import { currentOwner, openState } from '@tidegate/state'
import path from 'node:path'
import { openRunner } from '../runs/open-runner.ts'
import { spawnAttempts } from '../runs/spawn-attempt.ts'

const [directory = ''] = process.argv.slice(2)
const state = await openState({ path: path.join(directory, 'state.db'), nowMs: Date.now })
openRunner({
  jobs: state,
  owner: currentOwner('host'),
  maxRuns: 2,
  startAttempt: spawnAttempts({ place: { directory } }),
  nowMs: Date.now,
  sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => {}),
  randomShare: Math.random,
  report: () => {},
  timing: { pollMs: 50 },
})
