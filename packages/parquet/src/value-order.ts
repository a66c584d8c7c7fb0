import type { ValueOrder } from './footer.ts'
import type { Fields } from './thrift-fields.ts'

const BY_PHYSICAL: readonly (ValueOrder | undefined)[] = [
  'bool',
  'i32',
  'i64',
  undefined,
  'f32',
  'f64',
  'bytes',
  'bytes',
]
const UNSIGNED: Readonly<Partial<Record<ValueOrder, ValueOrder>>> = { i32: 'u32', i64: 'u64' }

/** The order that the format defines for a leaf (its `ColumnOrder` TYPE_ORDER); undefined where it defines none. */
export function valueOrder(element: Fields, physicalType: number): ValueOrder | undefined {
  const plain = BY_PHYSICAL[physicalType]
  const logical = element.optionalStruct(10)
  const [kind] = logical?.ids() ?? []
  if (logical !== undefined && kind !== undefined)
    switch (kind) {
      case 5:
        return plain === 'bytes' ? 'decimal' : plain
      case 10:
        return logical.struct(10).optionalFlag(2) === false && plain !== undefined ? UNSIGNED[plain] : plain
      case 15:
        return 'f16'
      case 1:
      case 4:
      case 6:
      case 7:
      case 8:
      case 12:
      case 13:
      case 14:
        return plain
      default:
        return undefined
    }
  const converted = element.optionalInt(6)
  if (converted === undefined) return plain
  if (converted === 5) return plain === 'bytes' ? 'decimal' : plain
  if (converted >= 11 && converted <= 14) return plain === undefined ? undefined : UNSIGNED[plain]
  // INTERVAL has no order.
  return converted === 21 ? undefined : plain
}
