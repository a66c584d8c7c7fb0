import type { JsonValue } from '@tidegate/core'

export type JsonMap = Readonly<Record<string, JsonValue | undefined>>

export function isMap(value: JsonValue | undefined): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value)
}
