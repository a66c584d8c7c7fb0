/** Names of checks that Great Expectations does not have, in one place for all formats. */
export const FRESHNESS_TYPE = 'expect_row_values_to_have_recent_data'
export const REFERENCE_TYPE = 'expect_column_values_to_exist_in_other_table'
/** Great Expectations' own: a query that finds the unexpected rows of `{batch}`. */
export const SQL_ROWS_TYPE = 'unexpected_rows_expectation'

/** The query that finds rows for which a condition in SQL is false; NULL counts as true, as it does for dbt and CHECK. */
export function unexpectedRowsQuery(condition: string, where?: string): string {
  const filter = where === undefined ? '' : `(${where}) AND `
  return `SELECT * FROM {batch} WHERE ${filter}NOT (${condition})`
}

/** A column's name in SQL that a file of another format made necessary. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
