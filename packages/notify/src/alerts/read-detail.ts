import type { JsonValue } from '@tidegate/core'

/** Reads a signal's detail, which an older or newer version may have written: what is not there has a default. */
export interface DetailReader {
  text(key: string, otherwise?: string): string
  /** @defaultValue 0 */
  number(key: string, otherwise?: number): number
  optional(key: string): number | undefined
  flag(key: string): boolean
  texts(key: string): readonly string[]
  list(key: string): readonly DetailReader[]
}

export function readDetail(detail: Readonly<Record<string, JsonValue | undefined>>): DetailReader {
  const optional = (key: string): number | undefined => {
    const value = detail[key]
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined
  }
  const array = (key: string): readonly JsonValue[] => {
    const value = detail[key]
    return Array.isArray(value) ? (value as readonly JsonValue[]) : []
  }
  return {
    text: (key, otherwise = '') => {
      const value = detail[key]
      return typeof value === 'string' ? value : otherwise
    },
    number: (key, otherwise = 0) => optional(key) ?? otherwise,
    optional,
    flag: (key) => detail[key] === true,
    texts: (key) => array(key).filter((value) => typeof value === 'string'),
    list: (key) => array(key).flatMap((value) => (isRecord(value) ? [readDetail(value)] : [])),
  }
}

function isRecord(value: JsonValue): value is { readonly [key: string]: JsonValue | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
