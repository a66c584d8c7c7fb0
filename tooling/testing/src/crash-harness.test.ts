import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { runRecordingPhases, runToEnd, runUntilCrash, type CommandUnderTest } from './crash-harness.ts'
import { makeTempProject, type TempProject } from './temp-project.ts'

// Publishes as the product does, and has a child that inherits NODE_OPTIONS, publishes too and would outlive its parent.
const PRODUCT = `
import { channel } from 'node:diagnostics_channel'
import { spawn } from 'node:child_process'
import { appendFileSync, writeFileSync } from 'node:fs'
const phases = channel('tidegate:phase')
const say = (phase) => { phases.publish({ phase, source: 'a' }); appendFileSync('log', phase + '\\n') }
if (process.argv[2] === 'child') {
  say('commit'); say('commit'); say('commit')
  setTimeout(() => writeFileSync('child-lived', ''), 3000)
} else {
  const child = spawn(process.execPath, [process.argv[1], 'child'], { stdio: ['ignore', 'ignore', 'inherit'] })
  child.on('spawn', () => {
    setTimeout(() => {
      say('stage'); say('commit'); say('commit'); say('publish')
      console.log('done'); child.kill(); process.exitCode = 3
    }, 300)
  })
}
`

function product(project: TempProject): CommandUnderTest {
  return { command: process.execPath, args: [project.at('product.mjs')], cwd: project.directory }
}

function logOf(project: TempProject): readonly string[] {
  return readFileSync(project.at('log'), 'utf8').trim().split('\n')
}

test('the process dies at the named moment, before the next step, and its child with it', async () => {
  using project = makeTempProject({ 'product.mjs': PRODUCT })
  const end = await runUntilCrash({ ...product(project), phase: 'commit', nth: 2 })
  expect(end).toMatchObject({ hit: true, phase: 'commit', exitCode: null, exitSignal: 'SIGKILL', stdout: '' })
  // Three of the child, which nobody counts; then stage and one commit.
  expect(logOf(project).filter((phase) => phase === 'commit')).toHaveLength(4)
  expect(logOf(project)).not.toContain('publish')
  await sleep(3200)
  expect(existsSync(project.at('child-lived'))).toBe(false)
})

test('a moment that never comes is told apart from a kill', async () => {
  using project = makeTempProject({ 'product.mjs': PRODUCT })
  const end = await runUntilCrash({ ...product(project), phase: 'commit', nth: 3 })
  expect(end).toMatchObject({ hit: false, exitCode: 3, exitSignal: null, stdout: 'done\n' })
})

test('the phases of an undisturbed run are listed in order', async () => {
  using project = makeTempProject({ 'product.mjs': PRODUCT })
  const end = await runRecordingPhases(product(project))
  expect(end.phases).toEqual([
    { phase: 'stage', nth: 1, source: 'a' },
    { phase: 'commit', nth: 1, source: 'a' },
    { phase: 'commit', nth: 2, source: 'a' },
    { phase: 'publish', nth: 1, source: 'a' },
  ])
})

test('a run that hangs is ended and says so', async () => {
  using project = makeTempProject({ 'hang.mjs': 'setInterval(() => {}, 1000)' })
  const command = { command: process.execPath, args: [project.at('hang.mjs')], cwd: project.directory }
  expect(await runToEnd({ ...command, timeoutMs: 500 })).toMatchObject({ timedOut: true, exitSignal: 'SIGKILL' })
  expect(await runUntilCrash({ ...command, timeoutMs: 500, phase: 'x' })).toMatchObject({ timedOut: true, hit: false })
})
