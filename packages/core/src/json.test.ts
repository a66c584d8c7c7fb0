import { expect, test } from 'vitest'
import { stringifyJson, toJson } from './json.ts'

test('integers beyond 2^53-1 become strings, others stay numbers', () => {
  expect(toJson(9007199254740991n)).toBe(9007199254740991)
  expect(toJson(9007199254740992n)).toBe('9007199254740992')
  expect(toJson(-9007199254740993n)).toBe('-9007199254740993')
  expect(toJson(2 ** 60)).toBe('1152921504606846976')
})

test('NaN and infinities become strings', () => {
  expect(stringifyJson([Number.NaN, Infinity, -Infinity, -0.5])).toBe('["NaN","Infinity","-Infinity",-0.5]')
})

test('dates are UTC ISO 8601 and undefined keys are left out', () => {
  expect(stringifyJson({ at: new Date(0), gone: undefined })).toBe('{"at":"1970-01-01T00:00:00.000Z"}')
})

test('a key named __proto__ stays a key', () => {
  expect(stringifyJson(new Map([['__proto__', 1]]))).toBe('{"__proto__":1}')
})

test('bytes become base64', () => {
  expect(toJson(new Uint8Array([0, 255, 16]))).toBe('AP8Q')
})

test('text is the same whether a value had to be made JSON first or not', () => {
  const plain = { b: [1, 'x', null, true, -0, 1.5], 10: { a: undefined, c: {} }, a: [] }
  const special = { n: 2 ** 60, i: Infinity, list: [undefined, 1n], inner: { at: new Date(0), set: new Set([1]) } }
  expect(stringifyJson(plain)).toBe('{"10":{"c":{}},"b":[1,"x",null,true,0,1.5],"a":[]}')
  expect(stringifyJson(plain)).toBe(JSON.stringify(toJson(plain)))
  expect(stringifyJson({ plain, special })).toBe(JSON.stringify(toJson({ plain, special })))
  const own = { f: () => 1, toJSON: () => 'else' }
  expect(stringifyJson(own)).toBe('{"f":null,"toJSON":null}')
})
