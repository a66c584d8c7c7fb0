import { expect, test } from 'vitest'
import { maskAddresses, maskExcerpt } from './mask-secrets.ts'
import { parseConfig } from './parse-config.ts'
import type { Problem } from './problem.ts'
import { renderProblem } from './render-problem.ts'

test.each([
  ['see https://h.example/a?b=c now', 'see https://h.example/***** now'],
  ['https://h.example?sig=1', 'https://h.example?*****'],
  ['https://me:pw@h.example/x', 'https://*****@h.example/*'],
  ['postgres://me:pw@h/x', 'postgres://*****@h/x'],
  ['[HTTP://h/a, http://h/b]', '[HTTP://h/*, http://h/*]'],
  ['must be an http:// or https:// address', 'must be an http:// or https:// address'],
])('of the addresses in %s scheme and host are left', (text, masked) => {
  expect(maskAddresses(text)).toBe(masked)
})

test.each([
  ['    url: hooks/T0, K', '    url: ***********'],
  ["    url: 'hooks/T0'  # ours", "    url: '********'  # ours"],
  ['  ops: { kind: webhook, url: hooks/T0, onn: [x] }', '  ops: { kind: webhook, url: ********, onn: [x] }'],
  ['  ops: {url: "hooks/T0", onn: [x]}', '  ops: {url: "********", onn: [x]}'],
  ['{"channels":{"ops":{"url":"hooks/T0","onn":1}}}', '{"channels":{"ops":{"url":"********","onn":1}}}'],
  ['channels.ops.url=hooks/T0', 'channels.ops.url=********'],
  ['  url: "hooks/never closed', '  url: "******************'],
  ['  ops: { url: "${HOOK}", onn: 1 }', '  ops: { url: "${HOOK}", onn: 1 }'],
  ['  url: ${HOOK:-hooks/T0}', '  url: *****************'],
  ['  curl: x', '  curl: x'],
])('of %j the address is not shown, and columns stay', (line, masked) => {
  expect(maskExcerpt(line)).toBe(masked)
  expect(masked).toHaveLength(line.length)
})

const START = 'version: 1\nsources: { a: { path: in } }\nchannels:\n  ops: '
const ENV = { HOOK: 'hooks.example.com/services/T0KENSECRET?x=SIG' }

test.each([
  [
    '{ kind: webhook, url: "${HOOK}" }',
    {},
    '`channels.ops.url` must be an http:// or https:// address, not the value of variable HOOK',
  ],
  [
    '{ kind: webhook, url: "${A}${HOOK}" }',
    { A: 'x' },
    '`channels.ops.url` must be an http:// or https:// address, not the value of variables A, HOOK',
  ],
  [
    '{ kind: webhook, url: hooks.example.com/T0KENSECRET }',
    {},
    '`channels.ops.url` must be an http:// or https:// address, not what stands there',
  ],
  [
    '\n    kind: webhook\n    url:\n      hooks.example.com/T0KENSECRET',
    {},
    '`channels.ops.url` must be an http:// or https:// address, not what stands there',
  ],
  [
    '{ kind: "${HOOK}", url: "http://h" }',
    {},
    '`channels.ops.kind` must be one of webhook, slack, teams, email, openlineage, not the value of variable HOOK',
  ],
  ['{ kind: webhook, url: "https://h/T0KENSECRET", onn: [x] }', {}, 'unknown key "onn" in `channels.ops`'],
  [
    '{ kind: webhook, url: "https://h", on: "${HOOK}" }',
    {},
    '`channels.ops.on` must be a list, not the value of variable HOOK',
  ],
])('a channel %s is refused without telling its secret', (channel, env, message) => {
  const found = problems(`${START}${channel}\n`, { ...ENV, ...env })
  expect(found.map((problem) => problem.message)).toEqual([message])
  expect(JSON.stringify(found) + found.map((problem) => renderProblem(problem)).join()).not.toMatch(/T0KEN|SIG/)
})

test('the caret stays below the wrong key of a line with an address', () => {
  const [problem] = problems(`${START}{ kind: webhook, url: "https://h/T0K", onn: [x] }\n`, {})
  if (problem === undefined) throw new Error('no problem')
  const lines = renderProblem(problem).split('\n')
  expect(lines[3]?.indexOf('onn')).toBe(lines[4]?.indexOf('^'))
})

test('paths from variables are named, not quoted', () => {
  const text = 'version: 1\nsources:\n  a: { path: "${HOOK}" }\n  b: { path: "${HOOK}" }\n'
  expect(problems(text, ENV)[0]?.message).toBe('sources a and b read the same files (the value of variable HOOK)')
})

test('an address given with --set is not shown', () => {
  const set = ['channels.ops.url=hooks.example.com/T0KENSECRET']
  const found = problems(`${START}{ kind: webhook }\n`, {}, set)
  expect(found).toMatchObject([{ code: 'CONFIG_VALUE', file: '--set' }])
  expect(JSON.stringify(found)).not.toContain('T0KEN')
})

function problems(text: string, env: Record<string, string>, set: readonly string[] = []): readonly Problem[] {
  const result = parseConfig(text, { directory: '/p', env, set })
  return result.kind === 'problems' ? result.problems : []
}
