import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openValueTester } from './open-value-tester.ts'
import type { ValueTest, ValueTester } from './value-test.ts'

const CATASTROPHE: ValueTest = { kind: 'regex', source: '^(?=(a+)+$)', flags: 'u' }
const ENDLESS = `${'a'.repeat(40)}!`
const DIGITS: ValueTest = { kind: 'regex', source: '^\\d+$', flags: 'u' }

let tester: ValueTester
let folder: string
beforeAll(() => {
  tester = openValueTester()
  folder = mkdtempSync(path.join(tmpdir(), 'tidegate-'))
  writeFileSync(
    path.join(folder, 'plugin.mjs'),
    `export const startsWith = (text, kwargs) => text.startsWith(kwargs.prefix)
export const vague = () => 'perhaps'
export const late = async () => true
export const broken = () => { throw new Error('broken on purpose') }
export const leaves = () => process.exit(3)
export const greedy = () => { const all = []; for (;;) all.push(new Array(1_000_000).fill(1.5)) }
console.log('printed while loading')
export const text = 'no function'`,
  )
})
afterAll(async () => {
  await tester.close()
  rmSync(folder, { recursive: true })
})

function plugin(name: string, kwargs: Record<string, string> = {}): ValueTest {
  return { kind: 'module', module: pathToFileURL(path.join(folder, 'plugin.mjs')).href, export: name, kwargs }
}

test('the indices of failing values come back in order', async () => {
  expect(await tester.test(DIGITS, ['1', 'a', '22', '', '3 '])).toEqual({ kind: 'tested', failing: [1, 3, 4] })
})

test('no values fail nothing', async () => {
  expect(await tester.test(DIGITS, [])).toEqual({ kind: 'tested', failing: [] })
})

test('300,000 values cross in parts', async () => {
  const values = Array.from({ length: 300_000 }, (_, index) => (index % 100_000 === 99_999 ? 'x' : String(index)))
  expect(await tester.test(DIGITS, values)).toEqual({ kind: 'tested', failing: [99_999, 199_999, 299_999] })
})

test('values of some megabytes each are tested too', async () => {
  const long = 'a'.repeat(6_000_000)
  expect(await tester.test({ kind: 'regex', source: 'b', flags: 'u' }, [long, `${long}b`, long])).toEqual({
    kind: 'tested',
    failing: [0, 2],
  })
})

test('a test that does not end is stopped, and the next one is answered', async () => {
  const impatient = openValueTester({ timeLimitMs: 200 })
  const endless = impatient.test(CATASTROPHE, [ENDLESS])
  const next = impatient.test(DIGITS, ['1', 'a'])
  expect(await endless).toEqual({ kind: 'timeout', afterMs: 200 })
  expect(await next).toEqual({ kind: 'tested', failing: [1] })
  await impatient.close()
})

test('a test is stopped by its signal at once', async () => {
  const controller = new AbortController()
  const running = tester.test(CATASTROPHE, [ENDLESS], { signal: controller.signal })
  setTimeout(() => controller.abort(), 50)
  await expect(running).rejects.toMatchObject({ code: 'CANCELLED' })
  await expect(tester.test(DIGITS, ['1'], { signal: controller.signal })).rejects.toMatchObject({ code: 'CANCELLED' })
  expect(await tester.test(DIGITS, ['1'])).toEqual({ kind: 'tested', failing: [] })
})

test('a function of a plug-in is asked with its arguments', async () => {
  expect(await tester.test(plugin('startsWith', { prefix: 'a' }), ['ab', 'ba'])).toEqual({
    kind: 'tested',
    failing: [1],
  })
})

test.each([
  ['vague', 'answered "perhaps", not true or false'],
  ['late', 'answered a promise, not true or false'],
  ['broken', 'broken on purpose'],
  ['text', 'exports no function "text"'],
  ['missing', 'exports no function "missing"'],
  ['leaves', 'the worker ended'],
])('a plug-in that is %s is unusable', async (name, message) => {
  const outcome = await tester.test(plugin(name), ['a'])
  expect(outcome).toMatchObject({ kind: 'unusable', message: expect.stringContaining(message) })
})

test('a module that is not there is unusable, and so is a plug-in that takes all memory', async () => {
  const absent: ValueTest = { kind: 'module', module: 'file:///nowhere/at-all.mjs', export: 'x', kwargs: {} }
  expect((await tester.test(absent, ['a'])).kind).toBe('unusable')
  expect(await tester.test(plugin('greedy'), ['a'])).toMatchObject({
    kind: 'unusable',
    message: expect.stringContaining('memory'),
  })
  expect(await tester.test(DIGITS, ['1'])).toEqual({ kind: 'tested', failing: [] })
})

test('a closed tester ends what runs and takes nothing new', async () => {
  const closing = openValueTester()
  const running = closing.test(CATASTROPHE, [ENDLESS])
  setTimeout(() => void closing.close(), 100)
  expect((await running).kind).toBe('unusable')
  await expect(closing.test(DIGITS, ['1'])).rejects.toMatchObject({ code: 'CHECK_VALUE_TEST' })
})

test('an open tester does not keep its process alive, and prints nothing of a plug-in', async () => {
  const script = `import { openValueTester } from ${JSON.stringify(new URL('./open-value-tester.ts', import.meta.url).href)}
const outcome = await openValueTester().test(${JSON.stringify(plugin('startsWith', { prefix: 'a' }))}, ['b'])
process.stdout.write(JSON.stringify(outcome))`
  const args = ['--conditions=tidegate:source', '--input-type=module', '--eval', script]
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000, cwd: import.meta.dirname })
  expect(JSON.parse(stdout)).toEqual({ kind: 'tested', failing: [0] })
})
