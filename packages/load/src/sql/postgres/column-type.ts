/** Types of the engine in Postgres: what a column becomes, and how its values travel as CSV both ways. */
import { TidegateError, type ColumnSchema } from '@tidegate/core'

/** How the values of a type are written for COPY and read back. All expressions are the engine's SQL. */
export interface ColumnMapping {
  /** As `format_type` spells it. */
  readonly type: string
  /** The text that COPY reads. */
  readonly write: (cell: string) => string
  /** From the text that COPY wrote. */
  readonly read: (cell: string, type: string) => string
  /** True for a value that Postgres cannot hold as it is; undefined where it holds all. */
  readonly misfit?: ((cell: string) => string) | undefined
  readonly why?: string | undefined
}

const text = (cell: string): string => `CAST(${cell} AS VARCHAR)`
const cast = (cell: string, type: string): string => `CAST(${cell} AS ${type})`

function plain(type: string): ColumnMapping {
  return { type, write: text, read: cast }
}

/** Years before 1: `0044-03-15 (BC) 12:00:00` here, `0044-03-15 12:00:00 BC` there. */
function dated(type: string, engineType: string, misfit?: (cell: string) => string, why?: string): ColumnMapping {
  return {
    type,
    write: (cell) =>
      `regexp_replace(CAST(${engineType === '' ? cell : cast(cell, engineType)} AS VARCHAR), '^(\\S+) \\(BC\\)(.*)$', '\\1\\2 BC')`,
    read: (cell, wanted) => cast(`regexp_replace(${cell}, '^(\\S+)(.*) BC$', '\\1 (BC)\\2')`, wanted),
    misfit,
    why,
  }
}

const NUL = 'it has a zero character, which no text in Postgres can hold'
const TEXT: ColumnMapping = {
  type: 'text',
  write: text,
  read: cast,
  misfit: (cell) => `contains(${text(cell)}, chr(0))`,
  why: NUL,
}
const JSONB: ColumnMapping = {
  type: 'jsonb',
  write: (cell) => `CAST(to_json(${cell}) AS VARCHAR)`,
  read: readJson,
  misfit: (cell) =>
    `(contains(replace(CAST(to_json(${cell}) AS VARCHAR), '\\\\', ''), '\\u0000') OR regexp_matches(regexp_replace(CAST(to_json(${cell}) AS VARCHAR), '"([^"\\\\]|\\\\.)*"', '""', 'g'), 'NaN|Infinity'))`,
  why: 'jsonb has no zero character, no NaN and no infinity',
}

/**
 * The engine reads a JSON number with a fraction as DOUBLE, whatever it is to become, and takes the text of a BLOB as it
 * stands: so numbers become texts, and what is exact is read as text first.
 */
function readJson(cell: string, type: string): string {
  const texts = type.replaceAll(PIECE, (piece) => (/^["']/.test(piece) ? piece : 'VARCHAR'))
  if (texts === type || type.toUpperCase() === 'JSON') return cast(cast(cell, 'JSON'), type)
  // Within a member of type JSON a number has to stay one.
  const holdsJson = /\bJSON(?=\s*(?:[,)[]|$))/i.test(texts.replaceAll(/"(?:[^"]|"")*"|'(?:[^']|'')*'/g, '""'))
  return cast(cast(cast(holdsJson ? cell : quotedNumbers(cell), 'JSON'), texts), type)
}

/** Each match is what comes before a number, whole texts among it, and the number; the last one ends without, and is cut. */
function quotedNumbers(cell: string): string {
  const all = `regexp_replace(${cell}, '((?:[^"0-9-]|"(?:[^"\\\\]|\\\\.)*")*)(-?[0-9][0-9.eE+-]*|$)', '\\1"\\2"', 'g')`
  return `regexp_replace(${all}, '""$', '')`
}

/** Quoted names and texts; types that go by way of text. A word before anything but a comma or the end of a type is a name. */
const PIECE = /"(?:[^"]|"")*"|'(?:[^']|'')*'|\bDECIMAL\(\d+,\s*\d+\)|\b(?:BLOB|HUGEINT|UHUGEINT)\b(?=\s*(?:[,)[]|$))/gi

const NANOSECONDS = (cell: string): string => `(isfinite(CAST(${cell} AS TIMESTAMP)) AND epoch_ns(${cell}) % 1000 <> 0)`

const MAPPINGS: ReadonlyMap<string, ColumnMapping> = new Map([
  ['BOOLEAN', plain('boolean')],
  ['TINYINT', plain('smallint')],
  ['SMALLINT', plain('smallint')],
  ['UTINYINT', plain('smallint')],
  ['INTEGER', plain('integer')],
  ['USMALLINT', plain('integer')],
  ['BIGINT', plain('bigint')],
  ['UINTEGER', plain('bigint')],
  ['UBIGINT', plain('numeric(20,0)')],
  ['HUGEINT', plain('numeric(39,0)')],
  ['UHUGEINT', plain('numeric(39,0)')],
  ['FLOAT', plain('real')],
  ['DOUBLE', plain('double precision')],
  ['VARCHAR', TEXT],
  ['BLOB', { type: 'bytea', write: (cell) => `'\\x' || hex(${cell})`, read: (cell) => `unhex(substr(${cell}, 3))` }],
  ['DATE', dated('date', '')],
  ['TIME', plain('time without time zone')],
  ['TIME WITH TIME ZONE', plain('time with time zone')],
  ['TIMESTAMP', dated('timestamp without time zone', '')],
  ['TIMESTAMP_S', dated('timestamp without time zone', 'TIMESTAMP')],
  ['TIMESTAMP_MS', dated('timestamp without time zone', 'TIMESTAMP')],
  ['TIMESTAMP_NS', dated('timestamp without time zone', 'TIMESTAMP', NANOSECONDS, 'Postgres keeps microseconds')],
  ['TIMESTAMP WITH TIME ZONE', dated('timestamp with time zone', '')],
  ['INTERVAL', plain('interval')],
  ['UUID', plain('uuid')],
  ['BIT', plain('bit varying')],
  ['JSON', JSONB],
])

/** @throws TARGET_COLUMN for a type that Postgres has nothing for */
export function mapColumn({ name, type }: ColumnSchema): ColumnMapping {
  const upper = type.toUpperCase()
  const known = MAPPINGS.get(upper)
  if (known !== undefined) return known
  const decimal = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(upper)
  if (decimal !== null) return plain(`numeric(${decimal[1] ?? '18'},${decimal[2] ?? '3'})`)
  if (upper.endsWith(']') || /^(STRUCT|MAP)\(/.test(upper)) return JSONB
  if (upper.startsWith('ENUM(')) return TEXT
  throw new TidegateError('TARGET_COLUMN', `Column ${name} is ${type}, and Postgres has no type for that.`, {
    hint: 'Give it another type in the contract (schema.columns), VARCHAR for example.',
    dataNow: 'Nothing was committed.',
  })
}
