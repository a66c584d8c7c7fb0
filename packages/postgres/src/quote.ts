import { TidegateError } from '@tidegate/core'

/**
 * A name for SQL, always in quotes, so that case and reserved words do not matter.
 *
 * @throws PG_NAME for an empty name, a zero byte, or more than 63 bytes (the server would cut it without an error)
 */
export function quoteIdentifier(name: string): string {
  if (name === '' || name.includes('\0') || Buffer.byteLength(name) > LONGEST_NAME) throw badName(name)
  return `"${name.replaceAll('"', '""')}"`
}

/** `"schema"."table"`. */
export function quoteTable(schema: string, table: string): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`
}

/**
 * Text as a literal that reads the same whatever `standard_conforming_strings` is.
 *
 * @throws PG_NAME for a zero byte, which no text in Postgres can hold
 */
export function quoteLiteral(value: string): string {
  if (value.includes('\0')) throw zeroByte()
  const quoted = `'${value.replaceAll("'", "''")}'`
  return value.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted
}

/** Bytes of a name that Postgres keeps. */
const LONGEST_NAME = 63

function badName(name: string): TidegateError {
  return new TidegateError('PG_NAME', `not a name for Postgres: ${JSON.stringify(name.slice(0, 100))}`, {
    hint: 'Names of schemas, tables and columns have 1 to 63 bytes and no zero byte.',
    dataNow: 'Nothing was sent to the server.',
  })
}

function zeroByte(): TidegateError {
  return new TidegateError('PG_NAME', 'a text with a zero byte cannot be stored in Postgres', {
    dataNow: 'Nothing was sent to the server.',
  })
}
