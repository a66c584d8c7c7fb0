import { dropFields, replaceItem, setField } from '../../thrift/patch-thrift.ts'
import { i32, isList, isStruct, text, textIn, type TypedStruct, type TypedValue } from '../../thrift/thrift-value.ts'
import type { SchemaNode } from './schema-paths.ts'

const OPTIONAL = 1

/** Copies of the schema in other formats that say which columns are required. Readers would believe them. */
const OTHER_SCHEMAS = new Set(['ARROW:schema', 'parquet.avro.schema', 'avro.schema', 'iceberg.schema'])
const SPARK_SCHEMA = 'org.apache.spark.sql.parquet.row.metadata'

/**
 * Makes required leaves optional in the schema. Key-value metadata that say otherwise are left out (Arrow, Avro, Iceberg)
 * or corrected (Spark, JSON); all others stay, pandas' too: they do not speak of NULLs.
 */
export function makeOptional(tree: TypedStruct, paths: readonly (readonly SchemaNode[])[]): TypedStruct {
  if (paths.length === 0) return tree
  let result = tree
  for (const path of paths) {
    const element = path.at(-1)?.element
    if (element === undefined) continue
    result = replaceItem(result, 2, element, (item) => (isStruct(item) ? setField(item, 3, i32(OPTIONAL)) : item))
  }
  const names = paths.map((path) => path.map(({ element }) => nameOf(tree, element)))
  const field = result.fields.get(5)
  if (field === undefined || !isList(field.value)) return result
  const items = field.value.items.flatMap((item) => corrected(item, names))
  if (items.length === 0) return dropFields(result, 5)
  return setField(result, 5, { type: field.type, value: { ...field.value, items } })
}

function nameOf(tree: TypedStruct, element: number): string {
  const field = tree.fields.get(2)
  const item = field !== undefined && isList(field.value) ? field.value.items[element] : undefined
  return item !== undefined && isStruct(item) ? (textIn(item, 4) ?? '') : ''
}

function corrected(entry: TypedValue, names: readonly (readonly string[])[]): TypedValue[] {
  if (!isStruct(entry)) return [entry]
  const key = textIn(entry, 1) ?? ''
  if (OTHER_SCHEMAS.has(key)) return []
  if (key !== SPARK_SCHEMA) return [entry]
  const json = sparkSchema(textIn(entry, 2) ?? '', names)
  return json === undefined ? [] : [setField(entry, 2, text(json))]
}

/** Undefined where it is not what Spark writes. */
function sparkSchema(json: string, names: readonly (readonly string[])[]): string | undefined {
  try {
    const schema: unknown = JSON.parse(json)
    return names.every((path) => allowNull(schema, path)) ? JSON.stringify(schema) : undefined
  } catch {
    return undefined
  }
}

function allowNull(type: unknown, [name, ...rest]: readonly string[]): boolean {
  if (!isRecord(type) || !Array.isArray(type['fields'])) return false
  const field: unknown = type['fields'].find((each: unknown) => isRecord(each) && each['name'] === name)
  if (!isRecord(field)) return false
  if (rest.length > 0) return allowNull(field['type'], rest)
  field['nullable'] = true
  return true
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
