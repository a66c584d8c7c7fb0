import type { JsonValue } from '@tidegate/core'

/** A value as JSON for a message, its beginning if it is long. */
export function shortText(value: JsonValue, most = 60): string {
  const text = JSON.stringify(value)
  return text.length > most ? `${text.slice(0, most)}…` : text
}
