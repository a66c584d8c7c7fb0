import {
  FILE_COLUMN,
  ROW_COLUMN,
  TidegateError,
  type ColumnSchema,
  type QueryOptions,
  type Session,
} from '@tidegate/core'

/** Columns of anything that stands after FROM, as checks see them: names that repeat have a suffix. */
export async function describe(
  session: Session,
  from: string,
  options: QueryOptions,
): Promise<readonly ColumnSchema[]> {
  const alias = session.dialect.identifier('__tg_data')
  const { columns } = await session.query(`SELECT * FROM (SELECT * FROM ${from}) AS ${alias} LIMIT 0`, options)
  for (const { name } of columns)
    if (name.toLowerCase().startsWith('__tg_'))
      throw dataError(`the column ${JSON.stringify(name)} has a name that is reserved`, {
        hint: `Names that start with __tg_ (${FILE_COLUMN}, ${ROW_COLUMN}, …) belong to Tidegate; rename the column.`,
      })
  return columns
}

/** Data that cannot be validated at all. */
export function dataError(
  message: string,
  options: { readonly hint?: string; readonly cause?: unknown } = {},
): TidegateError {
  return new TidegateError('CHECK_DATA', message, options)
}

/** Whether `names` has this one, as the engine compares names: in any case. */
export function hasColumn(columns: readonly ColumnSchema[], name: string): boolean {
  return columns.some((column) => column.name.toLowerCase() === name)
}

/** Turns an error of the engine about the data into ours; one that ends everything (no memory, cancelled) stays as it is. */
export function asDataError(what: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'ENGINE_SQL') return error
  return dataError(`${what} cannot be read: ${error.message}`, {
    hint: 'Check that it exists, that its name is spelled as in the engine, and that the engine may read it.',
    cause: error,
  })
}
