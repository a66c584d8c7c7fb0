/** What cannot be copied to another thread, functions and streams, is taken out of a value and named by a number instead. */

/** A function or a stream of the thread that sent the value, and where in the value it stands. */
export interface Reference {
  readonly path: readonly (string | number)[]
  readonly kind: 'function' | 'stream'
  readonly handle: number
}

export type Kept = ((...words: readonly unknown[]) => unknown) | AsyncIterable<unknown> | Iterable<unknown>

/** The value with nothing in the places of what was taken out; as it is where there was nothing. */
export function takeOut(value: unknown, keep: (kept: Kept) => number): { value: unknown; references: Reference[] } {
  const references: Reference[] = []
  const walk = (part: unknown, path: readonly (string | number)[]): unknown => {
    if (typeof part === 'function') {
      references.push({ path, kind: 'function', handle: keep(part as Kept) })
      return null
    }
    if (typeof part !== 'object' || part === null) return part
    if (isStream(part)) {
      references.push({ path, kind: 'stream', handle: keep(part) })
      return null
    }
    if (!Array.isArray(part) && Object.getPrototypeOf(part) !== Object.prototype) return part
    const before = references.length
    const entries = Object.entries(part).map(([key, item]): [string, unknown] => [key, walk(item, [...path, key])])
    // Most values hold nothing to take out: no copy of those.
    if (references.length === before) return part
    return Array.isArray(part) ? entries.map(([, item]) => item) : Object.fromEntries(entries)
  }
  return { value: walk(value, []), references }
}

/** Puts what stands for them in the places of what was taken out. */
export function putIn(
  value: unknown,
  references: readonly Reference[],
  make: (reference: Reference) => unknown,
): unknown {
  const root = { value }
  for (const reference of references) {
    let holder: object = root
    let key: string | number = 'value'
    for (const step of reference.path) {
      holder = Reflect.get(holder, key) as object
      key = step
    }
    Reflect.set(holder, key, make(reference))
  }
  return root.value
}

/** What gives its items one after another; lists, sets and bytes are copied whole. */
export function isStream(value: object): value is AsyncIterable<unknown> | Iterable<unknown> {
  if (Symbol.asyncIterator in value) return true
  if (!(Symbol.iterator in value)) return false
  return !Array.isArray(value) && !ArrayBuffer.isView(value) && !(value instanceof Map) && !(value instanceof Set)
}
