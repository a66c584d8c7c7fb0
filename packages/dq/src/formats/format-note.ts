import { TidegateError, type JsonValue } from '@tidegate/core'
import type { JsonMap } from '../json-map.ts'

/** Something that another format says and ours does not, or the other way round. Nothing is left out without a note. */
export interface FormatNote {
  /**
   * `dropped`: it has no equivalent and is not in the result · `changed`: it is there and means something slightly else ·
   * `kept-in-meta`: it has no effect and is carried along, so that it can be written back.
   */
  readonly kind: 'dropped' | 'changed' | 'kept-in-meta'
  /** Where it stood, e.g. `models[0].columns[2].tests[1]`. */
  readonly path: string
  /** One sentence for people. */
  readonly message: string
}

/** The text under a key, or undefined. */
export function textAt(map: JsonMap, key: string): string | undefined {
  const value = own(map, key)
  return typeof value === 'string' ? value : undefined
}

/** What stands under a key of the map itself. */
export function own(map: JsonMap, key: string): JsonValue | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined
}

/** The map without keys whose value is undefined. */
export function definedOf(map: JsonMap): JsonMap {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined))
}

/** The map without these keys. */
export function without(map: JsonMap, ...keys: readonly string[]): JsonMap {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key)))
}

/** Whether the map holds anything. */
export function hasEntries(map: JsonMap): boolean {
  return Object.values(map).some((value) => value !== undefined)
}

/** The file is not what its format says. */
export function formatError(path: string, message: string, hint: string): TidegateError {
  return new TidegateError('CHECK_FORMAT', path === '' ? message : `${path}: ${message}`, {
    hint,
    dataNow: 'Nothing was read from it.',
  })
}
