import type { JsonValue } from '@tidegate/core'
import * as fc from 'fast-check'

/** Values that nothing expects, for fields of bodies. */
export const ODD_VALUES: readonly JsonValue[] = [
  null,
  true,
  -1,
  1e308,
  2 ** 60,
  0.1,
  '',
  ' ',
  '\0',
  '../../etc/passwd',
  'file:///etc/passwd',
  "'; DROP TABLE tokens; --",
  '${HOME}',
  '{{constructor}}',
  '\u202e\u2028',
  'x'.repeat(5000),
  '2026-02-30T25:61:00Z',
  '-271821-04-20T00:00:00.000Z',
  [],
  [[[[]]]],
  {},
  { toString: 1, constructor: 2 },
]

/** Parts of addresses, encoded already. */
export const ODD_PARTS: readonly string[] = [
  '..',
  '%2e%2e',
  '..%2f..%2fetc%2fpasswd',
  '..%5c..%5cwindows',
  '%00',
  'a%00b',
  '%0d%0aset-cookie:%20a=b',
  '%c0%ae%c0%ae',
  '%zz',
  '%F0%9F%8C%8A',
  "'%20OR%201=1--",
  '__proto__',
  'constructor',
  '*',
  '.',
  '-1',
  '0',
  '9'.repeat(30),
  'a'.repeat(3000),
]

/** Bodies that are no JSON object as anybody would send it. */
export const ODD_BODIES: readonly (string | Buffer)[] = [
  '',
  '{',
  '{"a":',
  'null',
  '[]',
  '"text"',
  '1e999',
  '{"a":1,"a":2}',
  '{"__proto__":{"isAdmin":true}}',
  '{"constructor":{"prototype":{"isAdmin":true}}}',
  '['.repeat(5000) + ']'.repeat(5000),
  `{"a":"${'x'.repeat(200_000)}"}`,
  Buffer.from([0xff, 0xfe, 0x7b, 0x7d]),
  Buffer.from('{"a":"\u0000"}'),
  '<xml/>',
]

export const ODD_HEADERS: readonly Readonly<Record<string, string>>[] = [
  { 'if-match': '"x"' },
  { 'if-match': '"v999999"' },
  { 'if-match': 'W/"v1"' },
  { 'if-none-match': '"v1", *' },
  { 'idempotency-key': 'x'.repeat(300) },
  { 'idempotency-key': 'a b' },
  { 'last-event-id': '-1' },
  { 'last-event-id': '9'.repeat(40) },
  { 'content-type': 'text/plain' },
  { 'content-type': 'application/json; charset=utf-16' },
  { 'content-length': '5' },
  { accept: 'text/html' },
  { 'x-http-method-override': 'DELETE' },
  { origin: 'http://evil.example' },
  { host: 'evil.example' },
  { authorization: 'Bearer tg_000000000000_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' },
  { authorization: 'Basic YTpi' },
  { authorization: '' },
  { cookie: `tg_session=${'A'.repeat(43)}`, authorization: 'none' },
]

/** One value somewhere in it is another, a key is gone, or one is too many. */
export function brokenFrom(value: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonValue> {
  const how = fc.record({
    at: fc.nat(50),
    odd: fc.constantFrom(...ODD_VALUES),
    kind: fc.constantFrom('set', 'drop', 'add'),
  })
  return fc.tuple(value, how).map(([whole, { at, odd, kind }]) => {
    const copy = structuredClone(whole) as JsonValue
    const places = objectsIn(copy)
    const place = places[at % Math.max(1, places.length)]
    if (place === undefined) return odd
    const keys = Object.keys(place)
    const key = keys[at % Math.max(1, keys.length)]
    if (kind === 'add' || key === undefined) place['unheard-of'] = odd
    else if (kind === 'drop') delete place[key]
    else place[key] = odd
    return copy
  })
}

function objectsIn(value: JsonValue): Record<string, JsonValue>[] {
  if (typeof value !== 'object' || value === null) return []
  const below = Object.values(value).flatMap((item) => (item === undefined ? [] : objectsIn(item)))
  return Array.isArray(value) ? below : [value as Record<string, JsonValue>, ...below]
}
