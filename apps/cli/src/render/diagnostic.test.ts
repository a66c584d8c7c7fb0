import { expect, test } from 'vitest'
import { TidegateError } from '@tidegate/core'
import { renderError } from './diagnostic.ts'
import { plainStyle } from './style.ts'

test('an error has its code, place with caret, state of the data, hint and help', () => {
  const error = {
    code: 'CONFIG_UNKNOWN_KEY',
    message: 'unknown key `pth`',
    dataNow: 'Nothing was read.',
    hint: 'Did you mean `path`?',
    place: { file: 'tidegate.yaml', line: 14, column: 5, excerpt: '    pth: landing', length: 3 },
  }
  expect(renderError(error, plainStyle).split('\n')).toEqual([
    'error[CONFIG_UNKNOWN_KEY]: unknown key `pth`',
    '  --> tidegate.yaml:14:5',
    '   |',
    '14 |     pth: landing',
    '   |     ^^^',
    '   = now: Nothing was read.',
    '   = hint: Did you mean `path`?',
    '   = help: tidegate explain CONFIG_UNKNOWN_KEY',
  ])
})

test('the caret stands under its column also behind wide and escaped characters', () => {
  const place = { file: 'x', line: 1, column: 4, excerpt: '日\ta: b' }
  const lines = renderError({ code: 'C', message: 'm', place }, plainStyle).split('\n')
  expect(lines.slice(3, 5)).toEqual([String.raw`1 | 日\ta: b`, '  |      ^'])
})

test('a TidegateError is enough, and a place may be a text', () => {
  const error = new TidegateError('STATE_BUSY', 'locked')
  expect(renderError(error, plainStyle)).toBe('error[STATE_BUSY]: locked\n  = help: tidegate explain STATE_BUSY')
  expect(renderError({ code: 'W', message: 'm', place: 'a:b', level: 'warning' }, plainStyle)).toBe(
    'warning[W]: m\n --> a:b\n  = help: tidegate explain W',
  )
})

test('messages of engines keep their lines, indented, and lose their escapes', () => {
  const text = renderError({ code: 'E', message: 'first\nsecond\u001b[2J', place: 'a\nb' }, plainStyle)
  expect(text.split('\n').slice(0, 3)).toEqual([
    'error[E]: first',
    String.raw`    second\x1b[2J`,
    String.raw` --> a\nb`,
  ])
})
