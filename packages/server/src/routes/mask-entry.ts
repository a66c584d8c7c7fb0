/**
 * Secrets of a configuration entry, as the API shows it: passwords and options of addresses, and what stands under keys that
 * are secrets wholly, become `***`.
 *
 *   (1) What was masked can be sent back: it stands for what is kept.  [restoreEntry]
 */
import type { JsonValue } from '@tidegate/core'

export const MASK = '***'

type Entry = Readonly<Record<string, JsonValue | undefined>>

export function maskEntry(entry: Entry): Record<string, JsonValue> {
  return maskMap(entry)
}

/** The new entry with what is kept of the old one where it says only what {@link maskEntry} showed of it. */
export function restoreEntry(changed: Entry, kept: Entry): Record<string, JsonValue> {
  return Object.fromEntries(
    Object.entries(changed).map(([key, value]) => [key, restoreValue(key, value ?? null, kept[key])]),
  )
}

export function maskText(text: string): string {
  // A password is often written as it is, with `@` and `/` in it.
  if (/^postgres(?:ql)?:\/\//i.test(text))
    return text.replace(/(:\/\/)(?:.*@)?([^?]*)(?:\?.*)?$/s, (_, slashes: string, rest: string) =>
      text.includes('@') ? `${slashes}${MASK}@${rest}${optionsOf(text)}` : `${slashes}${rest}${optionsOf(text)}`,
    )
  return text.replace(
    /([a-z][a-z0-9+.-]*:\/\/)(?:[^\s/?#@]*@)?([^\s?#]*)(\?\S*)?/gi,
    (whole, scheme: string, rest: string, options: string | undefined) => {
      const user = whole.slice(scheme.length).startsWith(rest) ? '' : `${MASK}@`
      return `${scheme}${user}${rest}${options === undefined ? '' : `?${MASK}`}`
    },
  )
}

function optionsOf(text: string): string {
  return text.includes('?') ? `?${MASK}` : ''
}

const SECRET_KEY = /^(?:.*(?:secret|password|token|credential|api[-_]?key).*|authorization|cookie|headers)$/i

function maskMap(map: Entry): Record<string, JsonValue> {
  const masked: Record<string, JsonValue> = {}
  for (const [key, value] of Object.entries(map)) if (value !== undefined) masked[key] = maskValue(key, value)
  return masked
}

function maskValue(key: string, value: JsonValue): JsonValue {
  if (SECRET_KEY.test(key) && value !== null && typeof value !== 'boolean') return MASK
  if (typeof value === 'string') return maskText(value)
  if (isList(value)) return value.map((item) => maskValue('', item))
  return typeof value === 'object' && value !== null ? maskMap(value) : value
}

function restoreValue(key: string, value: JsonValue, kept: JsonValue | undefined): JsonValue {
  if (kept === undefined) return value
  if (typeof value === 'string') return value.includes(MASK) && maskValue(key, kept) === value ? kept : value
  if (isList(value)) return isList(kept) ? value.map((item, index) => restoreValue('', item, kept[index])) : value
  if (typeof value !== 'object' || value === null) return value
  return typeof kept === 'object' && kept !== null && !isList(kept) ? restoreEntry(value, kept) : value
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}
