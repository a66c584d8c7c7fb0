import { integerIn, isStruct, itemsIn, structIn, type TypedStruct } from '../../thrift/thrift-value.ts'

/** What the values of a stored column mean, as far as their range and order need it. */
export type ValueType =
  | { readonly kind: 'boolean' }
  | { readonly kind: 'integer'; readonly signed: boolean }
  /** Days since 1970. */
  | { readonly kind: 'date' }
  /** Since midnight, or since 1970; `perSecond`: its unit. */
  | { readonly kind: 'time' | 'timestamp'; readonly perSecond: bigint }
  | { readonly kind: 'int96' }
  /** `half`: two bytes, FLOAT16. */
  | { readonly kind: 'float'; readonly half: boolean }
  /** Unscaled; in bytes it is big-endian two's complement. */
  | { readonly kind: 'decimal'; readonly precision: number }
  /** Ordered byte by byte, unsigned. */
  | { readonly kind: 'bytes' }
  /** The format defines no order: intervals, geometries, variants, what is not known. */
  | { readonly kind: 'unordered' }

export interface LeafType {
  readonly physicalType: number
  /** Bytes of a fixed-length value. */
  readonly typeLength: number
  readonly type: ValueType
  /** It is below a MAP that has no values, which DuckDB cannot read. */
  readonly isMapWithoutValue: boolean
}

/** The leaves of a footer, in schema order. Never throws; the schema is known to be valid. */
export function leafTypes(tree: TypedStruct): readonly LeafType[] {
  const elements = itemsIn(tree, 2)
  const leaves: LeafType[] = []
  const cursor = { at: 1 }
  const walk = (children: number, below: { readonly isMapWithoutValue: boolean }): void => {
    for (let index = 0; index < children && cursor.at < elements.length; index++) {
      const element = elements[cursor.at++]
      if (!isStruct(element)) continue
      const count = integerIn(element, 5) ?? 0
      if (count === 0) leaves.push({ ...leafType(element), ...below })
      else walk(count, { isMapWithoutValue: below.isMapWithoutValue || isBareMap(element, elements[cursor.at]) })
    }
  }
  const [root] = elements
  walk(isStruct(root) ? (integerIn(root, 5) ?? 0) : 0, { isMapWithoutValue: false })
  return leaves
}

function isBareMap(element: TypedStruct, entry: unknown): boolean {
  const converted = integerIn(element, 6)
  const isMap = converted === 1 || converted === 2 || structIn(element, 10)?.fields.has(2) === true
  return isMap && isStruct(entry) && integerIn(entry, 5) === 1
}

const [INT32, INT64, INT96, FLOAT, DOUBLE, BYTE_ARRAY, FIXED] = [1, 2, 3, 4, 5, 6, 7] as const

function leafType(element: TypedStruct): Omit<LeafType, 'isMapWithoutValue'> {
  const physicalType = integerIn(element, 1) ?? -1
  const typeLength = physicalType === FIXED ? Math.max(0, integerIn(element, 2) ?? 0) : 0
  return { physicalType, typeLength, type: valueType(element, physicalType, typeLength) }
}

function valueType(element: TypedStruct, physicalType: number, typeLength: number): ValueType {
  const [logical] = [...(structIn(element, 10)?.fields ?? [])]
  const annotation = logical?.[0] ?? 0
  const details = logical !== undefined && isStruct(logical[1].value) ? logical[1].value : undefined
  const converted = integerIn(element, 6)
  const isDecimal = annotation === 5 || (annotation === 0 && converted === 5)
  const precision = integerIn(element, 8) ?? (details === undefined ? undefined : integerIn(details, 2))
  const decimal: ValueType | undefined = !isDecimal
    ? undefined
    : precision === undefined || precision < 1
      ? { kind: 'unordered' }
      : { kind: 'decimal', precision }
  switch (physicalType) {
    case 0:
      return { kind: 'boolean' }
    case INT32:
    case INT64:
      return decimal ?? integerType(annotation, details, converted, physicalType)
    case INT96:
      return { kind: 'int96' }
    case FLOAT:
    case DOUBLE:
      return { kind: 'float', half: false }
    case BYTE_ARRAY:
    case FIXED:
      if (decimal !== undefined) return decimal
      if (annotation === 15 && typeLength === 2) return { kind: 'float', half: true }
      return UNORDERED_BYTES.has(annotation) || converted === 21 ? { kind: 'unordered' } : { kind: 'bytes' }
    default:
      return { kind: 'unordered' }
  }
}

/** VARIANT, GEOMETRY, GEOGRAPHY, and what this reader does not know. */
const UNORDERED_BYTES: ReadonlySet<number> = new Set([11, 16, 17, 18])

function integerType(
  annotation: number,
  details: TypedStruct | undefined,
  converted: number | undefined,
  physicalType: number,
): ValueType {
  const unit = details === undefined ? undefined : structIn(details, 2)
  const perSecond =
    unit === undefined ? 0n : unit.fields.has(1) ? 1000n : unit.fields.has(2) ? 1_000_000n : 1_000_000_000n
  if (annotation === 6 || (annotation === 0 && converted === 6))
    return physicalType === INT32 ? { kind: 'date' } : { kind: 'integer', signed: true }
  if (annotation === 7 && perSecond > 0n) return { kind: 'time', perSecond }
  if (annotation === 8 && perSecond > 0n) return { kind: 'timestamp', perSecond }
  if (annotation === 0 && converted !== undefined && converted >= 7 && converted <= 10)
    return { kind: converted <= 8 ? 'time' : 'timestamp', perSecond: converted % 2 === 1 ? 1000n : 1_000_000n }
  const isUnsigned =
    (annotation === 10 && details?.fields.get(2)?.value === false) ||
    (annotation === 0 && converted !== undefined && converted >= 11 && converted <= 14)
  return { kind: 'integer', signed: !isUnsigned }
}
