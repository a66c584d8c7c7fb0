/** What the numbers of a column mean, as far as it limits them. */
import { integerIn, isStruct, structIn, type TypedStruct, type TypedValue } from '../thrift/thrift-value.ts'

export type LeafMeaning =
  /** Days since 1970. */
  | { readonly kind: 'date' }
  | { readonly kind: 'timestamp'; readonly perSecond: number }
  | { readonly kind: 'time'; readonly perSecond: number }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'integer'; readonly bits: number; readonly signed: boolean }
  | { readonly kind: 'float' }
  /** Texts, bytes, flags: nothing that can be compared as a number. */
  | { readonly kind: 'other' }

const INT32 = 1
const INT64 = 2
const OTHER: LeafMeaning = { kind: 'other' }
const UNITS = { 1: 1e3, 2: 1e6, 3: 1e9 } as const

/** By leaf, in schema order: leaves are the elements with a physical type and no children. */
export function leafMeanings(elements: readonly TypedValue[]): readonly LeafMeaning[] {
  return elements
    .filter((element): element is TypedStruct => isStruct(element))
    .slice(1)
    .filter((element) => element.fields.has(1) && (integerIn(element, 5) ?? 0) === 0)
    .map(meaningOf)
}

function meaningOf(element: TypedStruct): LeafMeaning {
  const physical = integerIn(element, 1)
  if (physical === 4 || physical === 5) return { kind: 'float' }
  if (physical !== INT32 && physical !== INT64) return OTHER
  const logical = structIn(element, 10)
  return (
    (logical === undefined ? undefined : logicalMeaning(logical)) ??
    convertedMeaning(element) ?? { kind: 'integer', bits: physical === INT32 ? 32 : 64, signed: true }
  )
}

function logicalMeaning(logical: TypedStruct): LeafMeaning | undefined {
  const decimal = structIn(logical, 5)
  if (decimal !== undefined)
    return { kind: 'decimal', scale: integerIn(decimal, 1) ?? 0, precision: integerIn(decimal, 2) ?? 38 }
  if (logical.fields.has(6)) return { kind: 'date' }
  const time = structIn(logical, 7)
  if (time !== undefined) return { kind: 'time', perSecond: unitOf(time) }
  const timestamp = structIn(logical, 8)
  if (timestamp !== undefined) return { kind: 'timestamp', perSecond: unitOf(timestamp) }
  const integer = structIn(logical, 10)
  if (integer === undefined) return undefined
  return { kind: 'integer', bits: integerIn(integer, 1) ?? 64, signed: integer.fields.get(2)?.value !== false }
}

function unitOf(time: TypedStruct): number {
  const unit = structIn(time, 2)
  const found = ([1, 2, 3] as const).find((id) => unit?.fields.has(id) === true)
  return UNITS[found ?? 2]
}

function convertedMeaning(element: TypedStruct): LeafMeaning | undefined {
  const converted = integerIn(element, 6)
  if (converted === undefined) return undefined
  if (converted === 5)
    return { kind: 'decimal', scale: integerIn(element, 7) ?? 0, precision: integerIn(element, 8) ?? 38 }
  if (converted === 6) return { kind: 'date' }
  if (converted === 7 || converted === 8) return { kind: 'time', perSecond: converted === 7 ? 1e3 : 1e6 }
  if (converted === 9 || converted === 10) return { kind: 'timestamp', perSecond: converted === 9 ? 1e3 : 1e6 }
  if (converted >= 11 && converted <= 14) return { kind: 'integer', bits: 2 ** (converted - 8), signed: false }
  if (converted >= 15 && converted <= 18) return { kind: 'integer', bits: 2 ** (converted - 12), signed: true }
  return undefined
}
