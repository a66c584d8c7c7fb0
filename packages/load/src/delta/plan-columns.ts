/** How the columns of a batch become columns of a table. Pure. */
import { TidegateError, type ColumnSchema } from '@tidegate/core'
import { decimalOf, isStructType, type DeltaField, type DeltaType } from './delta-type.ts'
import { toDeltaType, toEngineType } from './engine-type.ts'

export interface TableShape {
  readonly fields: readonly DeltaField[]
  readonly partitionColumns: readonly string[]
}

export interface PlannedColumn {
  /** Name in the query. */
  readonly source: string
  /** As the table has it; a new column as it would be added. */
  readonly field: DeltaField
  /** Type to cast to. */
  readonly engineType: string
  readonly isPartition: boolean
  readonly isNew: boolean
}

/**
 * @param shape of the table; without fields for one that is about to be made
 * @param evolution what a column that the table lacks does: `add_columns` adds it, `fail` refuses it
 * @throws DELTA_COLUMN for names and types that a Delta table cannot have, DELTA_SCHEMA where the table has something else
 */
export function planColumns(
  columns: readonly ColumnSchema[],
  shape: TableShape,
  evolution: 'add_columns' | 'fail',
): readonly PlannedColumn[] {
  const known = new Map(shape.fields.map((field) => [field.name.toLowerCase(), field]))
  const partitions = new Set(shape.partitionColumns.map((name) => name.toLowerCase()))
  const isFresh = shape.fields.length === 0
  const planned = columns.map((column): PlannedColumn => {
    const type = toDeltaType(column.type)
    if (type === undefined) throw columnError(column.name, `has type ${column.type}, which Delta tables do not have`)
    const existing = known.get(column.name.toLowerCase())
    if (existing === undefined && !isFresh && evolution === 'fail') {
      throw schemaError(`column ${column.name} is not in the table`)
    }
    const field = existing ?? newField(column.name, type)
    const engineType = toEngineType(field.type)
    if (engineType === undefined || !fits(type, field.type)) {
      throw schemaError(
        `column ${column.name} has type ${column.type}; the table has ${typeText(field.type)}, and widening it (typeWidening) is not supported`,
      )
    }
    const isPartition = partitions.has(column.name.toLowerCase())
    return { source: column.name, field, engineType, isPartition, isNew: existing === undefined }
  })
  assertComplete(planned, shape)
  return planned
}

/** Whether every value of type `from` is a value of type `to`. Structs must have the same fields, in any order. */
export function fits(from: DeltaType, to: DeltaType): boolean {
  if (typeof from === 'string') return typeof to === 'string' && primitiveFits(from, to)
  if (typeof to === 'string' || from.type !== to.type) return false
  if (isStructType(from) && isStructType(to)) {
    const targets = new Map(to.fields.map((field) => [field.name.toLowerCase(), field.type]))
    const all = from.fields.every((field) => {
      const target = targets.get(field.name.toLowerCase())
      return target !== undefined && fits(field.type, target)
    })
    return all && from.fields.length === to.fields.length
  }
  if (from.type === 'array' && to.type === 'array') return fits(from.elementType, to.elementType)
  if (from.type === 'map' && to.type === 'map') {
    return fits(from.keyType, to.keyType) && fits(from.valueType, to.valueType)
  }
  return false
}

const INTEGER_DIGITS: Readonly<Record<string, number>> = { byte: 3, short: 5, integer: 10, long: 19 }

function primitiveFits(from: string, to: string): boolean {
  if (from === to) return true
  const [digits, wider] = [INTEGER_DIGITS[from], INTEGER_DIGITS[to]]
  if (digits !== undefined && wider !== undefined) return digits < wider
  const target = decimalOf(to)
  if (target !== undefined) {
    const own = decimalOf(from) ?? (digits === undefined ? undefined : { precision: digits, scale: 0 })
    if (own === undefined || own.scale > target.scale) return false
    return own.precision - own.scale <= target.precision - target.scale
  }
  if (to === 'double') return from === 'float' || from === 'byte' || from === 'short' || from === 'integer'
  if (to === 'float') return from === 'byte' || from === 'short'
  // Sessions run in UTC: by now a timestamp without a zone is one in UTC.
  return from === 'timestamp_ntz' && to === 'timestamp'
}

// Engines without column mapping write no Parquet with them (Spark refuses such a table).
const FORBIDDEN = /[ ,;{}()\n\t=]/

function newField(name: string, type: DeltaType): DeltaField {
  assertNames([{ name, type, nullable: true, metadata: {} }], name)
  return { name, type, nullable: true, metadata: {} }
}

function assertNames(fields: readonly DeltaField[], column: string): void {
  const seen = new Set<string>()
  for (const field of fields) {
    if (field.name === '' || FORBIDDEN.test(field.name)) {
      throw columnError(column, `has the name ${JSON.stringify(field.name)}: blanks and , ; { } ( ) = are not allowed`)
    }
    if (seen.has(field.name.toLowerCase())) throw columnError(column, `has two fields named ${field.name}`)
    seen.add(field.name.toLowerCase())
    assertTypeNames(field.type, column)
  }
}

function assertTypeNames(type: DeltaType, column: string): void {
  if (typeof type === 'string') return
  switch (type.type) {
    case 'struct':
      return assertNames(type.fields, column)
    case 'array':
      return assertTypeNames(type.elementType, column)
    case 'map':
      assertTypeNames(type.keyType, column)
      assertTypeNames(type.valueType, column)
  }
}

function assertComplete(planned: readonly PlannedColumn[], { fields, partitionColumns }: TableShape): void {
  const names = new Set<string>()
  for (const { source } of planned) {
    if (names.has(source.toLowerCase())) throw columnError(source, 'is there twice; upper and lower case are the same')
    names.add(source.toLowerCase())
  }
  for (const field of fields) {
    if (!field.nullable && !names.has(field.name.toLowerCase())) {
      throw schemaError(`column ${field.name} of the table may not be NULL, and the batch lacks it`)
    }
  }
  for (const name of partitionColumns) {
    if (!names.has(name.toLowerCase())) throw schemaError(`the batch lacks the partition column ${name}`)
  }
  for (const { source, field, isPartition } of planned) {
    const isValue = typeof field.type === 'string' && field.type !== 'binary'
    if (isPartition && !isValue)
      throw columnError(source, `has type ${typeText(field.type)}, by which nothing is partitioned`)
  }
  if (planned.length > 0 && planned.every((column) => column.isPartition)) {
    throw schemaError('every column is a partition column; a part needs one of its own')
  }
}

function typeText(type: DeltaType): string {
  return typeof type === 'string' ? type : JSON.stringify(type)
}

function columnError(column: string, because: string): TidegateError {
  return new TidegateError('DELTA_COLUMN', `Column ${column} ${because}.`, {
    hint: 'Rename, cast or drop the column in the contract of this dataset.',
    dataNow: 'Nothing was committed.',
  })
}

function schemaError(because: string): TidegateError {
  return new TidegateError('DELTA_SCHEMA', `The rows do not fit the Delta table: ${because}.`, {
    hint: 'Change the table with its own engine, or the contract of this dataset; add_columns adds what is new.',
    dataNow: 'Nothing was committed.',
  })
}
