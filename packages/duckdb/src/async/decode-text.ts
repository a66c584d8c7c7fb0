import type { Cell } from '@tidegate/core'
import type { EngineType } from './engine-type.ts'
import { isNested } from './text-sql.ts'

/** Reads the texts that `textSql` makes of values of a type. */
export function decoderOf(type: EngineType): (text: string | null) => Cell {
  if (!isNested(type)) return (text) => (text === null ? null : decodeScalar(type.kind, text))
  return (text) => (text === null ? null : decodeParts(type, JSON.parse(text) as Parts))
}

/** JSON that holds nothing but texts. */
type Parts = null | string | readonly Parts[] | { readonly [name: string]: Parts }

function decodeParts(type: EngineType, parts: Parts): Cell {
  if (parts === null) return null
  if (type.kind === 'list') return listOf(parts).map((item) => decodeParts(type.item, item))
  if (type.kind === 'map')
    return listOf(parts).map((entry) => ({
      key: decodeParts(type.key, fieldOf(entry, 'k')),
      value: decodeParts(type.value, fieldOf(entry, 'v')),
    }))
  if (type.kind === 'struct')
    return Object.fromEntries(
      type.fields.map((field, index) => [field.name, decodeParts(field.type, fieldOf(parts, `f${index}`))]),
    )
  return typeof parts === 'string' ? decodeScalar(type.kind, parts) : null
}

function listOf(parts: Parts): readonly Parts[] {
  return Array.isArray(parts) ? parts : []
}

function fieldOf(parts: Parts, name: string): Parts {
  return typeof parts === 'object' && parts !== null && !Array.isArray(parts)
    ? ((parts as { readonly [name: string]: Parts })[name] ?? null)
    : null
}

function decodeScalar(kind: EngineType['kind'], text: string): Cell {
  switch (kind) {
    case 'boolean':
      return text === 'true'
    case 'integer': {
      const number = Number(text)
      return Number.isSafeInteger(number) ? number : BigInt(text)
    }
    case 'double':
      return decodeFloat(text)
    case 'float':
      // The text is the shortest that tells 32-bit floats apart.
      return Math.fround(decodeFloat(text))
    case 'blob':
      return text.replaceAll(/../g, String.raw`\x$&`)
    case 'null':
      return null
    default:
      return text
  }
}

function decodeFloat(text: string): number {
  if (text === 'inf') return Number.POSITIVE_INFINITY
  return text === '-inf' ? Number.NEGATIVE_INFINITY : Number(text === 'nan' ? Number.NaN : text)
}
