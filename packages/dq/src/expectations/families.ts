import type { ColumnRef } from '../expression/column-ref.ts'

/** Values of one family can be compared with each other; those of two never equal each other. */
export function family({ type }: ColumnRef): string | undefined {
  switch (type.class) {
    case 'integer':
    case 'decimal':
    case 'float':
      return 'number'
    case 'date':
    case 'timestamp':
      return 'instant'
    case 'text':
    case 'time':
    case 'boolean':
      return type.class
    case 'nested':
    case 'binary':
      // Compared whole, and only with its like.
      return type.text
    default:
      return undefined
  }
}

/** Whether the values of a column have an order. */
export function isOrdered(ref: ColumnRef): boolean {
  return ORDERED.has(family(ref) ?? '')
}

const ORDERED: ReadonlySet<string> = new Set(['number', 'instant', 'text', 'time'])
