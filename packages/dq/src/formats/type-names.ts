import { parseType } from '../expression/data-type.ts'

/**
 * DuckDB's name for a type as a warehouse, a dbt project or an ODCS contract writes it (`varchar(20)`, `number(38,2)`,
 * `float64`, `array<string>`, `timestamp_ntz`); undefined where it is no type that is known here.
 */
export function duckdbTypeName(text: string): string | undefined {
  // Single spaces, so that the pattern below has one way to read a text.
  const trimmed = text.trim().replaceAll(/\s+/g, ' ')
  if (/[<>]/.test(trimmed)) return nestedName(trimmed)
  const match = /^([a-z][a-z0-9_ ]*?)\s*(\([^()]*\))?\s*((?:with|without) (?:local )?time zone)?$/i.exec(trimmed)
  if (match === null) return parseType(trimmed)?.text
  const [, word = '', size = '', zone = ''] = match
  const name = [word, zone]
    .filter((part) => part !== '')
    .join(' ')
    .replaceAll(/\s+/g, ' ')
    .toUpperCase()
  const numbers = /^\(\s*([0-9]+)\s*(?:,\s*([0-9]+)\s*)?\)$/.exec(size)
  if (DECIMALS.has(name)) return decimalName(numbers, name)
  const alias = ALIASES.get(name)
  return alias ?? parseType(name)?.text ?? parseType(trimmed)?.text
}

/** `array<…>` and `list<…>`, `struct<a int, b array<text>>`, `map<k, v>` of other engines. */
function nestedName(text: string): string | undefined {
  const match = /^(array|list|struct|map|row)\s*<([\s\S]*)>$/i.exec(text)
  if (match === null) return undefined
  const [, kind = '', body = ''] = match
  const parts = splitTop(body)
  switch (kind.toLowerCase()) {
    case 'array':
    case 'list': {
      const item = duckdbTypeName(body)
      return item === undefined ? undefined : `${item}[]`
    }
    case 'map': {
      const [key, value] = parts.map(duckdbTypeName)
      return parts.length !== 2 || key === undefined || value === undefined ? undefined : `MAP(${key}, ${value})`
    }
    default: {
      const fields = parts.map((part) => {
        const field = /^("(?:[^"]|"")+"|[^\s:]+)\s*[:\s]\s*([\s\S]+)$/.exec(part.trim())
        const type = field === null ? undefined : duckdbTypeName(field[2] ?? '')
        return field === null || type === undefined ? undefined : `${fieldName(field[1] ?? '')} ${type}`
      })
      return fields.includes(undefined) ? undefined : `STRUCT(${fields.join(', ')})`
    }
  }
}

/** A field of a STRUCT, quoted. */
export function fieldName(name: string): string {
  return name.startsWith('"') && name.endsWith('"') && name.length > 1 ? name : `"${name.replaceAll('"', '""')}"`
}

function splitTop(text: string): readonly string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let index = 0; index < text.length; index++) {
    const character = text[index] ?? ''
    if ('<(['.includes(character)) depth++
    else if ('>)]'.includes(character)) depth--
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(start, index))
      start = index + 1
    }
  }
  return [...parts, text.slice(start)]
}

const DECIMALS: ReadonlySet<string> = new Set(['DECIMAL', 'DEC', 'NUMERIC', 'NUMBER', 'BIGNUMERIC', 'BIGDECIMAL'])

/** Warehouses take NUMBER without digits for 38 of them before the point; a NUMERIC of unknown digits has no one name. */
function decimalName(numbers: RegExpExecArray | null, name: string): string | undefined {
  if (numbers === null) return name === 'NUMBER' ? 'DECIMAL(38,0)' : 'DECIMAL(38,9)'
  const [precision, scale] = [Number(numbers[1]), Number(numbers[2] ?? 0)]
  return precision > 38 ? 'DOUBLE' : parseType(`DECIMAL(${precision},${scale})`)?.text
}

const ALIASES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    STRING: 'VARCHAR',
    TEXT: 'VARCHAR',
    CHAR: 'VARCHAR',
    CHARACTER: 'VARCHAR',
    'CHARACTER VARYING': 'VARCHAR',
    NCHAR: 'VARCHAR',
    NVARCHAR: 'VARCHAR',
    NVARCHAR2: 'VARCHAR',
    VARCHAR2: 'VARCHAR',
    CLOB: 'VARCHAR',
    INT64: 'BIGINT',
    BYTEINT: 'TINYINT',
    LONG: 'BIGINT',
    SHORT: 'SMALLINT',
    BYTE: 'TINYINT',
    FLOAT64: 'DOUBLE',
    'DOUBLE PRECISION': 'DOUBLE',
    BIT: 'BOOLEAN',
    DATETIME: 'TIMESTAMP',
    DATETIME2: 'TIMESTAMP',
    TIMESTAMP_NTZ: 'TIMESTAMP',
    'TIMESTAMP WITHOUT TIME ZONE': 'TIMESTAMP',
    TIMESTAMP_TZ: 'TIMESTAMP WITH TIME ZONE',
    TIMESTAMP_LTZ: 'TIMESTAMP WITH TIME ZONE',
    'TIMESTAMP WITH LOCAL TIME ZONE': 'TIMESTAMP WITH TIME ZONE',
    DATETIMEOFFSET: 'TIMESTAMP WITH TIME ZONE',
    'TIME WITHOUT TIME ZONE': 'TIME',
    BINARY: 'BLOB',
    VARBINARY: 'BLOB',
    BYTES: 'BLOB',
    UNIQUEIDENTIFIER: 'UUID',
    JSONB: 'JSON',
    VARIANT: 'JSON',
  }),
)
