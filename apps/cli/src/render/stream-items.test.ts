import { expect, test } from 'vitest'
import { emit, type OutputFormat } from './output.ts'
import { streamItems } from './stream-items.ts'

const ITEMS = [{ a: 1, text: 'two\nlines "quoted" \u0085' }, { b: [1, { c: null }], big: 2n ** 60n }, {}]

function streamed(format: OutputFormat, items: readonly unknown[]): string {
  let text = ''
  const stream = streamItems(format, { schemaVersion: 1, kind: 'x' }, { write: (part) => (text += part) })
  for (const item of items) stream.item(item)
  stream.end({ files: items.length, totals: { n: 1 } }, () => 'for people')
  return text
}

function emitted(format: OutputFormat, items: readonly unknown[]): string {
  let text = ''
  const payload = { schemaVersion: 1, kind: 'x', items, files: items.length, totals: { n: 1 } } as const
  emit(format, payload, () => 'for people', { write: (part) => (text += part) })
  return text
}

test.for(['table', 'json', 'ndjson'] as const)(
  '%s: what is written bit by bit is what is written at once',
  (format) => {
    expect(streamed(format, ITEMS)).toBe(emitted(format, ITEMS))
    expect(streamed(format, [])).toBe(emitted(format, []))
  },
)
