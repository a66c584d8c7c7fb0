/** Partition values: as text in the log, as folders on disk, and as the expressions that compute them. Pure. */
import { TidegateError, type Dialect } from '@tidegate/core'
import type { DeltaType } from './delta-type.ts'

/** What Hive calls the folder of NULL. */
const NULL_FOLDER = '__HIVE_DEFAULT_PARTITION__'
// eslint-disable-next-line no-control-regex -- control characters are what is escaped
const ESCAPED = /[\u0000-\u001f"#%'*/:=?\\\u007f{[\]^]/g

/**
 * The SQL of a partition value, coded so that it can name a folder of any engine: `n` for NULL, else `v` and the hex digits
 * of the text that the protocol asks for ("Partition Value Serialization"; timestamps in the form it recommends).
 *
 * @param valueSql of the table's type; sessions run in UTC
 */
export function partitionKeySql(dialect: Dialect, valueSql: string, type: DeltaType): string {
  const text = textSql(dialect, valueSql, type)
  return `CASE WHEN ${valueSql} IS NULL THEN 'n' ELSE 'v' || hex(${text}) END`
}

/** The value that {@link partitionKeySql} coded. @throws DELTA_PARTITION for one that the log cannot tell */
export function decodePartitionKey(key: string, column: string, type: DeltaType): string | null {
  if (key === 'n') return null
  const text = Buffer.from(key.slice(1), 'hex').toString('utf8')
  const bad = text === '' ? 'an empty text, which the Delta log cannot tell from NULL' : shapeProblem(text, type)
  if (bad === undefined) return text
  throw new TidegateError('DELTA_PARTITION', `Partition column ${column} holds ${bad}.`, {
    hint: 'Let a rule of the contract reject or replace such values, or partition by another column.',
    dataNow: 'Nothing was committed.',
  })
}

/** Folders below the table, `a=1/b=x%2Fy/`, as Hive writes them; empty without partition columns. */
export function partitionFolders(columns: readonly string[], values: Readonly<Record<string, string | null>>): string {
  return columns.map((name) => `${escapeName(name)}=${escapeValue(values[name] ?? null)}/`).join('')
}

/** A relative path as `add.path` spells it: a URI, so that a `%` of a folder's name comes out as `%25`. */
export function encodePath(path: string): string {
  return path
    .split('/')
    .map((segment) => encodeURIComponent(segment).replaceAll('%3D', '='))
    .join('/')
}

/** The file that an action names, relative to the table; undefined for one that lies elsewhere. */
export function decodePath(path: string): string | undefined {
  if (path.startsWith('/') || /^[A-Za-z][A-Za-z0-9+.-]*:/.test(path)) return undefined
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}

function textSql(dialect: Dialect, valueSql: string, type: DeltaType): string {
  switch (type) {
    case 'timestamp':
      // By way of the number, so that no zone of the session has a say.
      return `strftime(make_timestamp(epoch_us(${valueSql})), '%Y-%m-%dT%H:%M:%S.%fZ')`
    case 'timestamp_ntz':
      return `strftime(${valueSql}, '%Y-%m-%d %H:%M:%S.%f')`
    default:
      return dialect.toText(valueSql)
  }
}

const SHAPES: ReadonlyMap<DeltaType, RegExp> = new Map([
  ['date', /^\d{4}-\d{2}-\d{2}$/],
  ['timestamp', /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/],
  ['timestamp_ntz', /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{6}$/],
])

function shapeProblem(text: string, type: DeltaType): string | undefined {
  const shape = SHAPES.get(type)
  return shape === undefined || shape.test(text) ? undefined : `${text}, which is no day of the years 0001 to 9999`
}

function escapeName(name: string): string {
  return name.replaceAll(ESCAPED, percent)
}

function escapeValue(value: string | null): string {
  return value === null ? NULL_FOLDER : value.replaceAll(ESCAPED, percent)
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}
