import { expect, test } from 'vitest'
import { createStyle } from './style.ts'

const tty = { isTTY: true }
const pipe = { isTTY: false }
const enabled = (stream: { isTTY: boolean }, env: Record<string, string>, color?: boolean): boolean =>
  createStyle(stream, { env, color }).enabled

test('colours follow the flag, then NO_COLOR, FORCE_COLOR, TERM, and the terminal', () => {
  expect(enabled(tty, {})).toBe(true)
  expect(enabled(pipe, {})).toBe(false)
  expect(enabled(tty, { TERM: 'dumb' })).toBe(false)
  expect(enabled(pipe, { TERM: 'dumb', FORCE_COLOR: '1' })).toBe(true)
  expect(enabled(tty, { FORCE_COLOR: '0' })).toBe(false)
  expect(enabled(pipe, { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false)
  expect(enabled(tty, { NO_COLOR: '' })).toBe(true)
  expect(enabled(pipe, { NO_COLOR: '1' }, true)).toBe(true)
  expect(enabled(tty, { FORCE_COLOR: '1' }, false)).toBe(false)
})

test('a style that is off changes nothing', () => {
  const off = createStyle(pipe, { env: {} })
  expect([off.ok, off.warn, off.bad, off.dim, off.bold, off.heading].map((paint) => paint('x')).join('')).toBe('xxxxxx')
  expect(createStyle(tty, { env: {} }).bad('x')).toBe('\u001b[31mx\u001b[39m')
})
