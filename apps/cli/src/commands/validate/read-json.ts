import { readFile, stat } from 'node:fs/promises'
import type { JsonValue } from '@tidegate/core'

const LARGEST_BYTES = 64 * 1024 * 1024
const DEEPEST = 100

/**
 * The value of a file of plain JSON, or undefined if it is not that: then the reader of YAML, which is a hundred times slower,
 * says what it is. Numbers that a double does not hold are not plain either.
 */
export async function readPlainJson(file: string): Promise<JsonValue | undefined> {
  try {
    if ((await stat(file)).size > LARGEST_BYTES) return undefined
    const text = (await readFile(file, 'utf8')).replace(/^\ufeff/, '')
    if (/[0-9]{16}/.test(text)) return undefined
    const value = JSON.parse(text) as JsonValue
    return isPlain(value, DEEPEST) ? value : undefined
  } catch {
    return undefined
  }
}

function isPlain(value: JsonValue, depth: number): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return true
  return depth > 0 && Object.values(value).every((item) => isPlain(item as JsonValue, depth - 1))
}
