/** Corrects the offsets of a footer. Field numbers are those of parquet.thrift. */
import {
  i64,
  integerIn,
  isStruct,
  itemsIn,
  structField,
  structIn,
  type TypedStruct,
} from '../../thrift/thrift-value.ts'
import { setField } from '../../thrift/patch-thrift.ts'

export interface OffsetShift {
  readonly delta: number
}

const COLUMNS = 1
const METADATA = 3
const GROUP_OFFSETS = [5]
const CHUNK_OFFSETS = [2, 4, 6]
const METADATA_OFFSETS = [9, 10, 11, 14]
const ROW_GROUPS = 4

/** A footer of data that lies `delta` bytes farther. */
export function shiftFooter(footer: TypedStruct, shift: OffsetShift): TypedStruct {
  return withItems(footer, ROW_GROUPS, (group) => shiftRowGroup(group, shift))
}

/** A row group that lies `delta` bytes farther. */
export function shiftRowGroup(group: TypedStruct, shift: OffsetShift): TypedStruct {
  return withItems(shiftFields(group, GROUP_OFFSETS, shift), COLUMNS, (chunk) => shiftChunk(chunk, shift))
}

function shiftChunk(chunk: TypedStruct, shift: OffsetShift): TypedStruct {
  const metadata = structIn(chunk, METADATA)
  const shifted = shiftFields(chunk, CHUNK_OFFSETS, shift)
  return metadata === undefined
    ? shifted
    : setField(shifted, METADATA, structField(shiftFields(metadata, METADATA_OFFSETS, shift)))
}

function shiftFields(struct: TypedStruct, ids: readonly number[], { delta }: OffsetShift): TypedStruct {
  return ids.reduce((changed, id) => {
    const offset = integerIn(changed, id)
    // 0 stands for none.
    return offset === undefined || offset <= 0 ? changed : setField(changed, id, i64(offset + delta))
  }, struct)
}

/** A copy in which each struct of a list field is replaced. */
export function withItems(
  struct: TypedStruct,
  id: number,
  replace: (item: TypedStruct, index: number) => TypedStruct,
): TypedStruct {
  const field = struct.fields.get(id)
  if (field === undefined || typeof field.value !== 'object' || !('kind' in field.value) || field.value.kind !== 'list')
    return struct
  const items = itemsIn(struct, id).map((item, index) => (isStruct(item) ? replace(item, index) : item))
  return setField(struct, id, { type: field.type, value: { ...field.value, items } })
}
