/** What JSON can hold. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined }

/**
 * The one JSON codec of Tidegate: integers beyond ±2^53−1 become strings, NaN and infinities become strings
 * (`"NaN"`, `"Infinity"`, `"-Infinity"`), dates become UTC ISO 8601, Maps become objects, Sets and byte arrays become
 * arrays and base64. Keys whose value is undefined are left out.
 */
export function toJson(value: unknown): JsonValue {
  switch (typeof value) {
    case 'bigint':
      return value >= MIN_SAFE && value <= MAX_SAFE ? Number(value) : value.toString()
    case 'number':
      if (!Number.isFinite(value)) return String(value)
      return Number.isInteger(value) && !Number.isSafeInteger(value) ? BigInt(value).toString() : value
    case 'string':
    case 'boolean':
      return value
    case 'object':
      return objectToJson(value)
    default:
      return null
  }
}

/** {@link toJson} and `JSON.stringify` in one. `indent` in spaces, default 0. */
export function stringifyJson(value: unknown, indent = 0): string {
  // Most values are JSON already: to copy them costs thrice what looking does.
  return JSON.stringify(isJson(value) ? value : toJson(value), undefined, indent)
}

/** Whether `JSON.stringify` says of it what {@link toJson} would. */
function isJson(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))
    case 'object':
      return value === null || isJsonObject(value)
    default:
      return false
  }
}

function isJsonObject(value: object): boolean {
  if (Array.isArray(value)) return value.every((item) => isJson(item))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  for (const key of Object.keys(value)) {
    const item = (value as Record<string, unknown>)[key]
    if (item !== undefined && !isJson(item)) return false
  }
  return true
}

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER)
const MIN_SAFE = BigInt(Number.MIN_SAFE_INTEGER)

function objectToJson(value: object | null): JsonValue {
  if (value === null) return null
  if (Array.isArray(value)) return value.map((item) => toJson(item))
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof Map) return entriesToJson(value.entries())
  if (value instanceof Set) return [...value].map((item) => toJson(item))
  if (value instanceof Uint8Array) return base64(value)
  return entriesToJson(Object.entries(value))
}

function entriesToJson(entries: Iterable<readonly [unknown, unknown]>): JsonValue {
  // No prototype: a key named __proto__ must stay a key.
  const result: Record<string, JsonValue> = Object.create(null) as Record<string, JsonValue>
  for (const [key, item] of entries) if (item !== undefined) result[String(key)] = toJson(item)
  return result
}

function base64(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}
