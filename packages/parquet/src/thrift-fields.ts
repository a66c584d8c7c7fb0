import type { ThriftStruct, ThriftValue } from './read-thrift.ts'

/** A field is missing or of another type than the format says. */
export class FieldError extends Error {
  override readonly name = 'FieldError'
}

/** Typed access to the fields of a struct. What is missing or of a wrong type throws a {@link FieldError}. */
export interface Fields {
  has(field: number): boolean
  int(field: number): number
  optionalInt(field: number): number | undefined
  /** A 64-bit integer within ±2^53−1. */
  long(field: number): number
  optionalLong(field: number): number | undefined
  text(field: number): string
  optionalText(field: number): string | undefined
  optionalFlag(field: number): boolean | undefined
  list(field: number): readonly ThriftValue[]
  optionalList(field: number): readonly ThriftValue[]
  textList(field: number): string[]
  struct(field: number): Fields
  optionalStruct(field: number): Fields | undefined
  /** Ids of the fields that are there. */
  ids(): number[]
}

export function readFields(struct: ThriftStruct): Fields {
  const { fields } = struct
  const need = <T>(field: number, value: T | undefined): T => {
    if (value === undefined) throw new FieldError(`field ${field} is missing`)
    return value
  }
  const self: Fields = {
    has: (field) => fields.has(field),
    ids: () => [...fields.keys()],
    optionalInt: (field) => asNumber(field, fields.get(field)),
    int: (field) => need(field, self.optionalInt(field)),
    optionalLong: (field) => asLong(field, fields.get(field)),
    long: (field) => need(field, self.optionalLong(field)),
    optionalText: (field) => asText(field, fields.get(field)),
    text: (field) => need(field, self.optionalText(field)),
    optionalFlag: (field) => asFlag(field, fields.get(field)),
    optionalList: (field) => asList(field, fields.get(field)) ?? [],
    list: (field) => need(field, asList(field, fields.get(field))),
    textList: (field) => self.list(field).map((item) => need(field, asText(field, item))),
    optionalStruct: (field) => (fields.has(field) ? readFields(ofStruct(fields.get(field))) : undefined),
    struct: (field) => need(field, self.optionalStruct(field)),
  }
  return self
}

export function ofStruct(value: ThriftValue | undefined): ThriftStruct {
  if (typeof value === 'object' && 'kind' in value && value.kind === 'struct') return value
  throw new FieldError('a struct was expected')
}

function asNumber(field: number, value: ThriftValue | undefined): number | undefined {
  if (value === undefined || typeof value === 'number') return value
  throw new FieldError(`field ${field} is not a number`)
}

function asLong(field: number, value: ThriftValue | undefined): number | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'bigint') throw new FieldError(`field ${field} is not a 64-bit number`)
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw new FieldError(`field ${field} is out of range: ${value}`)
  return number
}

function asFlag(field: number, value: ThriftValue | undefined): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value
  throw new FieldError(`field ${field} is not a flag`)
}

const DECODER = new TextDecoder('utf-8')

function asText(field: number, value: ThriftValue | undefined): string | undefined {
  if (value === undefined) return undefined
  if (value instanceof Uint8Array) return DECODER.decode(value)
  throw new FieldError(`field ${field} is not a text`)
}

function asList(field: number, value: ThriftValue | undefined): readonly ThriftValue[] | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'object' && 'kind' in value && value.kind === 'list') return value.items
  throw new FieldError(`field ${field} is not a list`)
}
