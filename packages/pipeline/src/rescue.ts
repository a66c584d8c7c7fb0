/**
 * Values that have no column of their own, as members of a JSON object, in the engine's SQL. Written as core's JSON codec
 * writes them: integers beyond ±2^53−1 and decimals as strings, NaN and infinities as strings, bytes in base64; times as
 * ISO 8601. NULL is left out.
 */
import type { Dialect } from '@tidegate/core'

export interface RescuedValue {
  readonly name: string
  readonly type: string
  /** Condition under which it is rescued. @defaultValue not NULL */
  readonly when?: string | undefined
}

/** `"a":1,"b":"x"`, or NULL where nothing is rescued. */
export function rescuedMembers(values: readonly RescuedValue[], dialect: Dialect): string {
  const members = values.map(({ name, type, when }) => {
    const quoted = dialect.identifier(name)
    const member = `concat(${dialect.literal(`${JSON.stringify(name)}:`)}, ${jsonValue(quoted, type, dialect)})`
    return `CASE WHEN ${when ?? `${quoted} IS NOT NULL`} THEN ${member} END`
  })
  return joinMembers(members, dialect)
}

/** Several of them in one; NULL where all are. */
export function joinMembers(members: readonly string[], dialect: Dialect): string {
  return `nullif(concat_ws(${dialect.literal(',')}, ${members.join(', ')}), ${dialect.literal('')})`
}

/** The object with the file that the values came from; NULL where there are none. */
export function rescuedObject(membersSql: string, pathSql: string, dialect: Dialect): string {
  const [open, file, close] = ['{', ',"_file":', '}'].map((text) => dialect.literal(text))
  const text = `concat(${open}, ${membersSql}, ${file}, ${textOf(pathSql)}, ${close})`
  return `CASE WHEN ${membersSql} IS NOT NULL THEN CAST(${text} AS JSON) END`
}

/** The key under which the file stands. */
export const RESCUE_FILE_KEY = '_file'

const MAX_SAFE = '9007199254740991'

function jsonValue(quoted: string, type: string, dialect: Dialect): string {
  const asText = textOf(`CAST(${quoted} AS VARCHAR)`)
  const asIs = textOf(quoted)
  if (/^(U?(TINY|SMALL)INT|U?INTEGER|BOOLEAN|VARCHAR)$/.test(type)) return asIs
  if (/^(U?BIGINT|U?HUGEINT)$/.test(type))
    return `CASE WHEN ${quoted} BETWEEN -${MAX_SAFE} AND ${MAX_SAFE} THEN ${asIs} ELSE ${asText} END`
  if (type === 'DOUBLE' || type === 'FLOAT') {
    const name = (text: string): string => dialect.literal(JSON.stringify(text))
    return `CASE WHEN isnan(${quoted}) THEN ${name('NaN')} WHEN ${quoted} = 'inf' THEN ${name('Infinity')} WHEN ${quoted} = '-inf' THEN ${name('-Infinity')} ELSE ${asIs} END`
  }
  if (type === 'JSON') return `CAST(${quoted} AS VARCHAR)`
  if (type === 'BLOB') return textOf(`to_base64(${quoted})`)
  if (type.startsWith('TIMESTAMP')) {
    const zoned = type.includes('ZONE') || type === 'TIMESTAMPTZ'
    const iso = `replace(CAST(${quoted} AS VARCHAR), ' ', 'T')`
    return textOf(zoned ? `replace(${iso}, '+00', 'Z')` : iso)
  }
  // Inside of a nested value the engine would write decimals as doubles.
  if (/[[(]/.test(type) && !/DECIMAL|HUGEINT|DOUBLE|FLOAT|BLOB/.test(type)) return asIs
  return asText
}

function textOf(valueSql: string): string {
  return `CAST(to_json(${valueSql}) AS VARCHAR)`
}
