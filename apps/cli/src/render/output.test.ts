import { expect, test } from 'vitest'
import { emit, type OutputFormat, type Payload } from './output.ts'

function written(format: OutputFormat, payload: Payload, text = 'text'): string {
  let result = ''
  emit(format, payload, () => text, { write: (part) => (result += part) })
  return result
}

const payload = { schemaVersion: 1, kind: 'history', items: [{ n: 2n ** 60n }, { n: Number.NaN }] } as const

test('json is the whole payload by the one codec', () => {
  expect(JSON.parse(written('json', payload))).toEqual({
    schemaVersion: 1,
    kind: 'history',
    items: [{ n: '1152921504606846976' }, { n: 'NaN' }],
  })
})

test('ndjson is one line per item, or the payload where there are none', () => {
  expect(written('ndjson', payload)).toBe('{"n":"1152921504606846976"}\n{"n":"NaN"}\n')
  expect(written('ndjson', { schemaVersion: 1, kind: 'x', a: 1 })).toBe('{"schemaVersion":1,"kind":"x","a":1}\n')
  expect(written('ndjson', { schemaVersion: 1, kind: 'x', items: [] })).toBe('')
})

test('a table ends with exactly one newline', () => {
  expect(written('table', payload, 'a')).toBe('a\n')
  expect(written('table', payload, 'a\n')).toBe('a\n')
  expect(written('table', payload, '')).toBe('')
})

test('hostile text cannot act on a terminal as JSON either, and reads back the same', () => {
  const name = 'a\u001b[2J\u009b2J\u202e\u2028\n'
  const text = written('json', { schemaVersion: 1, kind: 'x', name })
  // oxlint-disable-next-line no-control-regex -- none may be left
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e]/)
  expect(JSON.parse(text)).toMatchObject({ name })
})
