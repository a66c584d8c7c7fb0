import { expect, test } from 'vitest'
import { dateText, instantText, parseInstant, parseTimeOfDay, timeText } from './instant.ts'

test.each([
  ['1970-01-01', 0n],
  ['1970-01-02T00:00:01Z', 86_401_000_000_000n],
  ['1970-01-01 02:00+02:00', 0n],
  ['1970-01-01 00:00:00.000000001', 1n],
  ['1969-12-31', -86_400_000_000_000n],
  ['1969-12-31 19:00:00-0500', 0n],
  ['2000-02-29', 951_782_400_000_000_000n],
])('%s is %s ns', (text, nanoseconds) => {
  expect(parseInstant(text)).toBe(nanoseconds)
})

test.each(['', '2001-02-29', '2024-13-01', '2024-1-1', '2024-01-01T25:00', '2024-01-01T', 'now', '2024-01-01x'])(
  '%j is no instant',
  (text) => {
    expect(parseInstant(text)).toBeUndefined()
  },
)

test('texts are those of the engine', () => {
  expect(instantText(-1n)).toBe('1969-12-31 23:59:59.999999999')
  expect(instantText(1_500_000_000n)).toBe('1970-01-01 00:00:01.500')
  expect(dateText(-719_162n)).toBe('0001-01-01')
  expect(timeText(parseTimeOfDay('13:05') ?? 0n)).toBe('13:05:00')
})
