import {
  integerIn,
  isStruct,
  itemsIn,
  structIn,
  textIn,
  type TypedStruct,
  type TypedValue,
} from '../../thrift/thrift-value.ts'

/** A column that is one leaf and no list. */
export interface TopColumn {
  readonly name: string
  readonly kind: 'text' | 'int96' | 'timestamp' | 'date' | 'other'
  /** Of a timestamp. */
  readonly unit: 'ms' | 'us' | 'ns' | undefined
  /** In the list of schema elements, and among the leaves. */
  readonly element: number
  readonly leaf: number
}

const REPEATED = 2
const PHYSICAL = { INT32: 1, INT64: 2, INT96: 3, BYTE_ARRAY: 6 } as const
const CONVERTED = { UTF8: 0, ENUM: 4, DATE: 6, TIMESTAMP_MILLIS: 9, TIMESTAMP_MICROS: 10, JSON: 19 } as const
const LOGICAL = { STRING: 1, ENUM: 4, DATE: 6, TIMESTAMP: 8, JSON: 12 } as const

/** The columns of a schema that are no groups and no lists, from FileMetaData. */
export function topColumns(footer: TypedStruct): readonly TopColumn[] {
  const elements = itemsIn(footer, 2)
  const root = elements[0]
  const columns: TopColumn[] = []
  let [at, leaf] = [1, 0]
  for (let left = root !== undefined && isStruct(root) ? (integerIn(root, 5) ?? 0) : 0; left > 0; left--) {
    const element = elements[at]
    if (element === undefined || !isStruct(element)) return columns
    const isLeaf = (integerIn(element, 5) ?? 0) === 0
    if (isLeaf && integerIn(element, 3) !== REPEATED)
      columns.push({ name: textIn(element, 4) ?? '', ...kindOf(element), element: at, leaf })
    const end = skip(elements, at)
    leaf += elements.slice(at, end).filter((one) => isStruct(one) && (integerIn(one, 5) ?? 0) === 0).length
    at = end
  }
  return columns
}

/** The element behind this one and all below it. */
function skip(elements: readonly TypedValue[], at: number): number {
  let end = at
  for (let open = 1; open > 0 && end < elements.length; open--) {
    const element = elements[end++]
    if (element !== undefined && isStruct(element)) open += integerIn(element, 5) ?? 0
  }
  return end
}

function kindOf(element: TypedStruct): Pick<TopColumn, 'kind' | 'unit'> {
  const physical = integerIn(element, 1)
  const converted = integerIn(element, 6)
  const logical = structIn(element, 10)
  const has = (id: number): boolean => logical?.fields.has(id) === true
  const other = { kind: 'other', unit: undefined } as const
  switch (physical) {
    case PHYSICAL.INT96:
      return { kind: 'int96', unit: undefined }
    case PHYSICAL.INT32:
      return converted === CONVERTED.DATE || has(LOGICAL.DATE) ? { kind: 'date', unit: undefined } : other
    case PHYSICAL.INT64: {
      const time = logical === undefined ? undefined : structIn(logical, LOGICAL.TIMESTAMP)
      const unit = time === undefined ? undefined : structIn(time, 2)
      if (unit?.fields.has(1) === true || converted === CONVERTED.TIMESTAMP_MILLIS)
        return { kind: 'timestamp', unit: 'ms' }
      if (unit?.fields.has(2) === true || converted === CONVERTED.TIMESTAMP_MICROS)
        return { kind: 'timestamp', unit: 'us' }
      return unit?.fields.has(3) === true ? { kind: 'timestamp', unit: 'ns' } : other
    }
    case PHYSICAL.BYTE_ARRAY: {
      const isText = [CONVERTED.UTF8, CONVERTED.ENUM, CONVERTED.JSON].some((one) => one === converted)
      return isText || has(LOGICAL.STRING) || has(LOGICAL.ENUM) || has(LOGICAL.JSON)
        ? { kind: 'text', unit: undefined }
        : other
    }
    default:
      return other
  }
}
