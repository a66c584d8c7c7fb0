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
  optionalBytes(field: number): Uint8Array | undefined
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
  return new StructFields(struct)
}

/** A class, because footers have hundreds of thousands of structs: methods on each would be the most of their memory. */
class StructFields implements Fields {
  readonly #fields: ThriftStruct['fields']

  constructor({ fields }: ThriftStruct) {
    this.#fields = fields
  }

  has(field: number): boolean {
    return this.#fields.has(field)
  }

  ids(): number[] {
    return [...this.#fields.keys()]
  }

  optionalInt(field: number): number | undefined {
    return asNumber(field, this.#fields.get(field))
  }

  int(field: number): number {
    return need(field, this.optionalInt(field))
  }

  optionalLong(field: number): number | undefined {
    return asLong(field, this.#fields.get(field))
  }

  long(field: number): number {
    return need(field, this.optionalLong(field))
  }

  optionalText(field: number): string | undefined {
    return asText(field, this.#fields.get(field))
  }

  text(field: number): string {
    return need(field, this.optionalText(field))
  }

  optionalBytes(field: number): Uint8Array | undefined {
    return asBytes(field, this.#fields.get(field))
  }

  optionalFlag(field: number): boolean | undefined {
    return asFlag(field, this.#fields.get(field))
  }

  optionalList(field: number): readonly ThriftValue[] {
    return asList(field, this.#fields.get(field)) ?? []
  }

  list(field: number): readonly ThriftValue[] {
    return need(field, asList(field, this.#fields.get(field)))
  }

  textList(field: number): string[] {
    return this.list(field).map((item) => need(field, asText(field, item)))
  }

  optionalStruct(field: number): Fields | undefined {
    const value = this.#fields.get(field)
    return value === undefined ? undefined : readFields(ofStruct(value))
  }

  struct(field: number): Fields {
    return need(field, this.optionalStruct(field))
  }
}

function need<T>(field: number, value: T | undefined): T {
  if (value === undefined) throw new FieldError(`field ${field} is missing`)
  return value
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

function asBytes(field: number, value: ThriftValue | undefined): Uint8Array | undefined {
  if (value === undefined || value instanceof Uint8Array) return value
  throw new FieldError(`field ${field} is not a binary`)
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
