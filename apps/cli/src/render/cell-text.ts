import { stringifyJson } from '@tidegate/core'

/** A value of the data in a table for people. Nested values are JSON by the one codec, so that any number fits. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return 'NULL'
  return typeof value === 'object' ? stringifyJson(value) : String(value)
}
