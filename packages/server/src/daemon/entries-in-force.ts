import { showConfig } from '@tidegate/config'
import type { JsonValue } from '@tidegate/core'

type Entry = Record<string, JsonValue>

/**
 * What is in force under `sources.<name>`, defaults and overlays included, as the file would say it; secrets are `***`. By
 * name.
 */
export function entriesInForce(loaded: Parameters<typeof showConfig>[0]): ReadonlyMap<string, Readonly<Entry>> {
  const entries = new Map<string, Entry>()
  for (const { key, value } of showConfig(loaded, { redact: true })) {
    const [top, name, ...rest] = keysOf(key)
    const last = rest.pop()
    if (top !== 'sources' || name === undefined || last === undefined) continue
    let place = entries.get(name) ?? {}
    entries.set(name, place)
    for (const step of rest) place = below(place, step)
    put(place, last, value)
  }
  return entries
}

/** `a."b.c".d`: keys are quoted as JSON where they hold more than letters, digits, `_` and `-`. */
function keysOf(key: string): readonly string[] {
  const parts = key.match(/"(?:[^"\\]|\\.)*"|[^.]+/g) ?? []
  return parts.map((part) => (part.startsWith('"') ? (JSON.parse(part) as string) : part))
}

function below(place: Entry, key: string): Entry {
  const known = Object.hasOwn(place, key) ? place[key] : undefined
  if (typeof known === 'object' && known !== null && !Array.isArray(known)) return known as Entry
  const made: Entry = {}
  put(place, key, made)
  return made
}

/** A key like any other, `__proto__` too. */
function put(place: Entry, key: string, value: JsonValue): void {
  Object.defineProperty(place, key, { value, enumerable: true, configurable: true, writable: true })
}
