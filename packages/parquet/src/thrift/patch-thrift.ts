/** Changed copies of Thrift values; what is not named stays as it was parsed. */
import { ThriftError } from '../read-thrift.ts'
import { isList, type TypedField, type TypedStruct, type TypedValue } from './thrift-value.ts'

/** Replaces a field in its place, or puts a new one before the first with a larger id. */
export function setField(struct: TypedStruct, id: number, field: TypedField): TypedStruct {
  if (struct.fields.has(id)) {
    const fields = new Map(struct.fields)
    return { kind: 'struct', fields: fields.set(id, field) }
  }
  const before = [...struct.fields].filter(([other]) => other < id)
  const after = [...struct.fields].filter(([other]) => other > id)
  return { kind: 'struct', fields: new Map([...before, [id, field] as const, ...after]) }
}

export function dropFields(struct: TypedStruct, ...ids: readonly number[]): TypedStruct {
  return { kind: 'struct', fields: new Map([...struct.fields].filter(([id]) => !ids.includes(id))) }
}

/** Replaces one item of a list field. Throws {@link ThriftError} if there is no such item. */
export function replaceItem(
  struct: TypedStruct,
  id: number,
  index: number,
  replace: (item: TypedValue) => TypedValue,
): TypedStruct {
  const field = struct.fields.get(id)
  if (field === undefined || !isList(field.value)) throw new ThriftError('invalid', `field ${id} is no list`, 0)
  const item = field.value.items[index]
  if (item === undefined) throw new ThriftError('invalid', `field ${id} has no item ${index}`, 0)
  return setField(struct, id, {
    type: field.type,
    value: { ...field.value, items: field.value.items.with(index, replace(item)) },
  })
}
