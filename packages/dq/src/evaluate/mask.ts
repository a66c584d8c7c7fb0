import { createHash } from 'node:crypto'
import { assertNever, stringifyJson, type Cell } from '@tidegate/core'
import type { SensitiveColumns } from '../compile/compiled-contract.ts'

/**
 * A value as it may be shown: as it is, `***` (mask), `sha256:` and 16 hex digits of the hash of its text (hash: equal
 * values stay recognisable), or undefined (drop). NULL stays NULL.
 */
export function maskValue(column: string, value: Cell, sensitive: SensitiveColumns): Cell | undefined {
  const rule = sensitive.get(column)
  if (rule === undefined || value === null) return value
  switch (rule) {
    case 'mask':
      return '***'
    case 'hash':
      return `sha256:${createHash('sha256').update(cellText(value)).digest('hex').slice(0, 16)}`
    case 'drop':
      return undefined
    default:
      return assertNever(rule)
  }
}

/** A record of values by column; dropped columns are left out. */
export function maskRecord(
  record: Iterable<readonly [string, Cell]>,
  sensitive: SensitiveColumns,
): Readonly<Record<string, Cell>> {
  const masked = Object.create(null) as Record<string, Cell>
  for (const [name, value] of record) {
    const shown = maskValue(name, value, sensitive)
    if (shown !== undefined) masked[name] = shown
  }
  return masked
}

function cellText(value: Cell): string {
  return typeof value === 'string' ? value : stringifyJson(value)
}
