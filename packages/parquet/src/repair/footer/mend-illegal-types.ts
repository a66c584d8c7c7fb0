import type { ByteSource } from '@tidegate/core'

import { decodeFooter } from '../../decode-footer.ts'
import { carrierOf } from '../../decode-schema.ts'
import { PHYSICAL_NAMES } from '../../diagnose/footer/check-schema.ts'
import type { ParquetFooter } from '../../footer.ts'
import type { PageLimits } from '../../pages/page-limits.ts'
import { scanChunks } from '../../pages/scan-chunks.ts'
import { dropFields, replaceItem, setField } from '../../thrift/patch-thrift.ts'
import {
  i32,
  integerIn,
  isStruct,
  itemsIn,
  structField,
  structIn,
  type TypedStruct,
} from '../../thrift/thrift-value.ts'
import { writeThrift } from '../../thrift/write-thrift.ts'
import type { RepairStep } from '../plan.ts'
import { withoutSchemaCopies } from './apply-fixes.ts'
import { elementPaths } from './element-paths.ts'
import { withItems } from './shift-offsets.ts'

interface Options {
  readonly limits?: Partial<PageLimits> | undefined
  readonly signal?: AbortSignal | undefined
}

export interface MendedTypes {
  readonly tree: TypedStruct
  readonly steps: readonly RepairStep[]
}

/**
 * Columns whose annotation and type exclude each other. Where each page is what the annotation asks for and not what the type
 * says, the type is wrong; else the annotation goes, and the values stay as they are stored. Reads those columns.
 */
export async function mendIllegalTypes(
  view: ByteSource,
  footer: ParquetFooter,
  tree: TypedStruct,
  options: Options = {},
): Promise<MendedTypes> {
  const paths = elementPaths(tree)
  const steps: RepairStep[] = []
  let result = tree
  for (const [column, { path, physicalType, illegalType }] of footer.leaves.entries()) {
    const index = paths[column]?.at(-1)
    const element = index === undefined ? undefined : itemsIn(tree, 2)[index]
    if (illegalType === undefined || index === undefined || !isStruct(element)) continue
    const annotation = illegalType.split(' on ')[0] ?? ''
    const carrier = carrierOf(integerIn(element, CONVERTED_TYPE) ?? -1)
    const retyped = carrier === undefined ? undefined : retype(result, column, index, carrier)
    const [name, from] = [path.join('.'), PHYSICAL_NAMES[physicalType] ?? '']
    if (carrier !== undefined && retyped !== undefined && (await fitsBetter(view, footer, column, retyped, options))) {
      result = retyped
      const what = `Column ${name} is stored as ${PHYSICAL_NAMES[carrier] ?? ''}, not ${from}, as ${annotation} asks and its pages prove`
      steps.push({ code: 'PQ206', what, lossless: true })
    } else {
      result = bare(result, column, index)
      steps.push({
        code: 'PQ206',
        what: `Column ${name} becomes plain ${from}: it cannot be ${annotation}`,
        lossless: false,
      })
    }
  }
  return steps.length === 0 ? { tree, steps } : { tree: withoutSchemaCopies(result), steps }
}

const [TYPE, CONVERTED_TYPE, LOGICAL_TYPE, META_DATA, STATISTICS] = [1, 6, 10, 3, 12] as const
/** Its offset and its length. */
const COLUMN_INDEX = [6, 7] as const

function retype(tree: TypedStruct, column: number, element: number, physicalType: number): TypedStruct {
  const type = i32(physicalType)
  const schema = replaceItem(tree, 2, element, (item) => (isStruct(item) ? setField(item, TYPE, type) : item))
  return withoutBounds(schema, column, (metadata) => setField(metadata, TYPE, type))
}

function bare(tree: TypedStruct, column: number, element: number): TypedStruct {
  const schema = replaceItem(tree, 2, element, (item) =>
    isStruct(item) ? dropFields(item, CONVERTED_TYPE, LOGICAL_TYPE) : item,
  )
  return withoutBounds(schema, column, (metadata) => metadata)
}

/** The type decides how bounds are stored and ordered, so they cannot stay. */
function withoutBounds(tree: TypedStruct, column: number, change: (metadata: TypedStruct) => TypedStruct): TypedStruct {
  return withItems(tree, 4, (group) =>
    withItems(group, 1, (chunk, index) => {
      const metadata = structIn(chunk, META_DATA)
      if (metadata === undefined || index !== column) return chunk
      const changed = structField(change(dropFields(metadata, STATISTICS)))
      return dropFields(setField(chunk, META_DATA, changed), ...COLUMN_INDEX)
    }),
  )
}

async function fitsBetter(
  view: ByteSource,
  footer: ParquetFooter,
  column: number,
  retyped: TypedStruct,
  options: Options,
): Promise<boolean> {
  const { footerOffset } = footer
  const decoded = decodeFooter(writeThrift(retyped), { footerOffset, trailingBytes: 0 })
  if (decoded.kind !== 'ok' || (await isIntact(view, footer, column, options))) return false
  return await isIntact(view, decoded.footer, column, options)
}

async function isIntact(view: ByteSource, footer: ParquetFooter, column: number, options: Options): Promise<boolean> {
  let pages = 0
  const only = (_rowGroup: number, index: number): boolean => index === column
  for await (const { status, items } of scanChunks(view, footer, { level: 'pages', only, ...options })) {
    if (status !== 'intact') return false
    pages += items.length
  }
  return pages > 0
}
