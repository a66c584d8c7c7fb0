import { describe, expect, it } from 'vitest'

import { ThriftError } from '../read-thrift.ts'
import { parseThrift, parseThriftPrefix } from './parse-thrift.ts'
import { dropFields, replaceItem, setField } from './patch-thrift.ts'
import {
  flag,
  i16,
  i32,
  i64,
  i8,
  integerIn,
  isStruct,
  itemsIn,
  listField,
  struct,
  structField,
  text,
  textIn,
  TYPE,
  type TypedStruct,
} from './thrift-value.ts'
import { writeThrift } from './write-thrift.ts'

describe('the Thrift codec', () => {
  it('writes the bytes that the compact protocol prescribes', () => {
    // 1: i32 1 → 15 02; 3: "ab" → 28 02 61 62; 4: true → 11; 20: i64 −1, delta 16 → long form 06 28 01; stop.
    const value = struct({ 1: i32(1), 3: text('ab'), 4: flag(true), 20: i64(-1) })
    expect(hex(writeThrift(value))).toBe('1502 2802 6162 1106 2801 00'.replaceAll(' ', ''))
  })

  it.each([
    ['numbers of every width', '13ff 1401 1502 16feffffffffffffffff01 00'],
    ['a NaN with a payload', '17 0100000000 00f87f 00'],
    ['flags, alone and in a list', '11 12 19 31 010201 00'],
    ['a list of 15 items', '19 f3 0f 000102030405060708090a0b0c0d0e 00'],
    ['an empty map and one with entries', '1b00 1b 01 58 02 0161 00'],
    ['fields in falling order', '5502 0502 02 00'],
    ['a set of structs', '1a 2c 150200 150400 00'],
  ])('parses and writes back %s', (_, spaced) => {
    const bytes = Buffer.from(spaced.replaceAll(' ', ''), 'hex')
    const { struct: parsed, end } = parseThrift(bytes)
    expect(end).toBe(bytes.length)
    expect(hex(writeThrift(parsed))).toBe(hex(bytes))
  })

  it('throws a ThriftError and nothing else for any prefix and any changed byte', () => {
    const bytes = Buffer.from(writeThrift(footerLike()))
    for (let at = 0; at < bytes.length; at++) {
      expect(() => parseThrift(bytes.subarray(0, at))).toThrow(ThriftError)
      for (const byte of [0, 0x0f, 0x19, 0x1b, 0x1c, 0xf9, 0xff]) {
        const changed = Buffer.from(bytes)
        changed[at] = byte
        try {
          parseThrift(changed)
        } catch (error) {
          expect(error).toBeInstanceOf(ThriftError)
        }
      }
    }
  })

  it('refuses deep nesting and lists that the bytes cannot hold', () => {
    expect(() => parseThrift(Buffer.alloc(100, 0x1c))).toThrow('nested deeper than 24')
    expect(() => parseThrift(Buffer.from('19f3ffffffff0f00', 'hex'))).toThrow('a list of 4294967295 does not fit')
    expect(() => parseThrift(Buffer.from('1bffffffff0f3300', 'hex'))).toThrow('a map of 4294967295 does not fit')
  })

  it('keeps what was complete before a cut, item by item', () => {
    const bytes = writeThrift(footerLike())
    const lengths = Array.from(bytes, (_, at) => {
      const { struct: prefix, complete } = parseThriftPrefix(bytes.subarray(0, at))
      expect(complete).toBe(false)
      return itemsIn(prefix, 2).length + itemsIn(prefix, 4).length
    })
    expect(lengths[0]).toBe(0)
    expect(lengths.at(-1)).toBe(5)
    expect(lengths).toEqual(lengths.toSorted((left, right) => left - right))
    expect(parseThriftPrefix(bytes).complete).toBe(true)
  })

  it('refuses to write a value under a wrong type', () => {
    expect(() => writeThrift(struct({ 1: { type: TYPE.I64, value: 5 } }))).toThrow(ThriftError)
    expect(() => writeThrift(struct({ 1: { type: 14, value: 5 } }))).toThrow('type 14')
  })
})

describe('patches', () => {
  it('set a field in its place and put a new one in the order of ids', () => {
    const before = struct({ 1: i32(1), 4: i16(2), 6: i8(3) })
    expect([...setField(before, 4, i16(9)).fields.keys()]).toEqual([1, 4, 6])
    const after = setField(before, 5, text('x'))
    expect([...after.fields.keys()]).toEqual([1, 4, 5, 6])
    expect(textIn(after, 5)).toBe('x')
    expect(before.fields.has(5)).toBe(false)
  })

  it('drop fields and replace one item of a list', () => {
    const changed = replaceItem(dropFields(footerLike(), 3), 4, 1, (item) =>
      isStruct(item) ? setField(item, 3, i64(7)) : item,
    )
    expect(integerIn(changed, 3)).toBeUndefined()
    expect(itemsIn(changed, 4).map((item) => (isStruct(item) ? integerIn(item, 3) : 0))).toEqual([10, 7])
    expect(() => replaceItem(footerLike(), 4, 2, (item) => item)).toThrow('no item 2')
    expect(() => replaceItem(footerLike(), 3, 0, (item) => item)).toThrow('no list')
  })
})

function footerLike(): TypedStruct {
  const element = (name: string): TypedStruct => struct({ 1: i32(1), 3: i32(0), 4: text(name) })
  const group = (rows: number): TypedStruct => struct({ 2: i64(100), 3: i64(rows) })
  return struct({
    1: i32(1),
    2: listField(TYPE.STRUCT, [element('schema'), element('a'), element('b')]),
    3: i64(20),
    4: listField(TYPE.STRUCT, [group(10), group(10)]),
    6: text('writer'),
    7: structField({ 1: flag(false) }),
  })
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
