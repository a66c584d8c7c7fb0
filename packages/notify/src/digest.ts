import { createHash } from 'node:crypto'

/** 32 hexadecimal digits of the SHA-256 of these texts. */
export function digest(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}
