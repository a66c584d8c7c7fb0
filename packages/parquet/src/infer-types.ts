/**
 * The narrowest type that holds every value of a column, judged over all rows. A type is taken only if the text can be
 * had back from the value: numbers with leading zeros (`00501`) stay text, and so do dates whose format stays open.
 */
import type { ColumnSchema, Dialect, QueryOptions, ReadOptions, Session } from '@tidegate/core'

import { jsonStructureType } from './json-structure-type.ts'
import type { TextColumn, TextRows } from './text-rows.ts'

export interface InferredTypes {
  /** One per column, in order. */
  readonly columns: readonly ColumnSchema[]
  /** What the values need to be read: only what is set. */
  readonly formats: Pick<ReadOptions, 'decimal' | 'date_format' | 'timestamp_format'>
}

const INTEGER = String.raw`[+-]?(0|[1-9][0-9]*)`
const POINT_NUMBER = String.raw`(?i)[+-]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)(e[+-]?[0-9]+)?|nan|[+-]?inf(inity)?`
const COMMA_NUMBER = String.raw`(?i)[+-]?(0|[1-9][0-9]*)(,[0-9]+)?(e[+-]?[0-9]+)?`
/** `1,234` may be a thousand or a fraction; only other lengths tell. */
const COMMA_FRACTION = String.raw`[+-]?[0-9]+,([0-9]{1,2}|[0-9]{4,})`
const ISO_DATE = '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}'
const TIME = String.raw`[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?`
const ZONE = String.raw`\s*(Z|z|[+-][0-9]{2}(:?[0-9]{2})?)`

/** What DECIMAL(38,0) holds of integers. */
const WIDE = '[+-]?[0-9]{1,38}'

const TESTS: Readonly<Record<string, string>> = {
  boolean: '(?i)true|false',
  integer: INTEGER,
  point: POINT_NUMBER,
  comma: COMMA_NUMBER,
  fraction: COMMA_FRACTION,
  date: ISO_DATE,
  timestamp: `${ISO_DATE}([ T]${TIME})?`,
  zoned: `${ISO_DATE}[ T]${TIME}${ZONE}`,
  time: TIME,
  // Whatever may be a date in some spelling; only then are the many formats tried.
  dateLike: String.raw`(?i)([a-z]{3,9} [0-9]{1,2},? [0-9]{4}|[0-9]{1,4}[-./ ][0-9a-z]{1,9}[-./ ][0-9]{2,4})([ T][0-9:. apm]+)?`,
}

/**
 * Tests that can decide something for a column. In JSON the kind of the value tells numbers; a comma is a decimal separator
 * only where it separates no cells. With `dateLike`, measured on 237 rows of 72 JSON columns: 3.3 s before, 0.6 s now.
 */
function testsFor(isJson: boolean, read: ReadOptions): readonly string[] {
  const dates = ['date', 'timestamp', 'zoned', 'dateLike']
  if (isJson) return dates
  const commas = read.format === 'csv' && read.delimiter !== ',' ? ['comma', 'fraction'] : []
  return ['boolean', 'integer', 'point', 'time', ...commas, ...dates]
}

export async function inferTypes(
  session: Session,
  rows: TextRows,
  read: ReadOptions,
  options?: QueryOptions,
): Promise<InferredTypes> {
  if (rows.columns.length === 0) return { columns: [], formats: {} }
  const facts = await gatherFacts(session, rows, read, options)
  const decimal = read.decimal ?? decimalOf(read, facts)
  const types: (string | undefined)[] = facts.map((fact) => typeOf(fact, decimal, read))
  const formats = await inferFormats(session, rows, facts, types, read, options)
  await inferNested(session, rows, facts, types, options)
  return {
    columns: rows.columns.map(({ name }, index) => ({ name, type: types[index] ?? 'VARCHAR' })),
    formats: { ...(decimal === ',' ? { decimal } : {}), ...formats },
  }
}

/** Counts of one column. */
interface Facts {
  readonly isJson: boolean
  readonly values: number
  /** Values that pass each test. */
  readonly passed: Readonly<Record<string, number>>
}

/** Rows that are tested first; a test that fails there is not run on the rest. */
const SAMPLE_ROWS = 1000

async function gatherFacts(
  session: Session,
  rows: TextRows,
  read: ReadOptions,
  options: QueryOptions | undefined,
): Promise<Facts[]> {
  const all = rows.columns.map((column) => countsOf(session.dialect, column, read))
  const texts = rows.columns.flatMap(({ text, jsonType }) => (jsonType === undefined ? [text] : [text, jsonType]))
  const sample = await count(
    session,
    `(SELECT ${texts.join(', ')} FROM ${rows.from} LIMIT ${SAMPLE_ROWS})`,
    all,
    options,
  )
  const open = all.map((tests, index) =>
    Object.fromEntries(Object.entries(tests).filter(([name]) => mayStillPass(name, sample[index] ?? {}))),
  )
  const whole = await count(session, rows.from, open, options)
  return rows.columns.map((column, index) => {
    const passed = whole[index] ?? {}
    return { isJson: column.jsonType !== undefined, values: passed['values'] ?? 0, passed }
  })
}

/** Tests that need not hold for every value are always run. */
function mayStillPass(name: string, sample: Readonly<Record<string, number>>): boolean {
  return name === 'values' || name === 'fraction' || name.startsWith('json ') || sample[name] === sample['values']
}

async function count(
  session: Session,
  from: string,
  tests: readonly Readonly<Record<string, string>>[],
  options: QueryOptions | undefined,
): Promise<Record<string, number>[]> {
  const expressions = tests.flatMap((one) => Object.values(one))
  const { rows } = await session.query(`SELECT ${expressions.join(', ')} FROM ${from}`, options)
  const numbers = (rows[0] ?? []).map(Number)
  let at = 0
  return tests.map((one) => Object.fromEntries(Object.keys(one).map((name) => [name, numbers[at++] ?? 0])))
}

function countsOf(dialect: Dialect, { text, jsonType }: TextColumn, read: ReadOptions): Record<string, string> {
  const counts: Record<string, string> = { values: `count(${text})` }
  const trimmed = `trim(${text})`
  for (const name of testsFor(jsonType !== undefined, read))
    counts[name] = dialect.countIf(`regexp_full_match(${trimmed}, ${dialect.literal(TESTS[name] ?? '')})`)
  for (const [name, type] of [
    ['bigint', 'BIGINT'],
    ['realDate', 'DATE'],
    ['realTimestamp', 'TIMESTAMP'],
  ] as const)
    counts[name] = `count(${dialect.tryCast(text, type)})`
  // Asked of integers alone, so the digits tell. A cast to DECIMAL(38,0) took 7.8 s for a million values, this 0.1 s.
  counts['wide'] = dialect.countIf(`regexp_full_match(${trimmed}, ${dialect.literal(WIDE)})`)
  if (jsonType !== undefined)
    for (const kind of ['OBJECT', 'ARRAY', 'BOOLEAN', 'VARCHAR', 'DOUBLE', 'UBIGINT', 'BIGINT', 'HUGEINT'])
      counts[`json ${kind}`] = dialect.countIf(`${jsonType} = '${kind}'`)
  return counts
}

function decimalOf(read: ReadOptions, facts: readonly Facts[]): '.' | ',' {
  if (read.delimiter === ',' || read.format !== 'csv') return '.'
  const hasPoint = facts.some(
    ({ passed, values }) => values > 0 && passed['point'] === values && passed['integer'] !== values,
  )
  const hasComma = facts.some(
    ({ passed, values }) => values > 0 && passed['comma'] === values && (passed['fraction'] ?? 0) > 0,
  )
  return hasComma && !hasPoint ? ',' : '.'
}

/** Undefined: text so far; a date format may still be found. */
function typeOf(facts: Facts, decimal: '.' | ',', read: ReadOptions): string | undefined {
  const { values, passed } = facts
  const all = (test: string): boolean => values > 0 && passed[test] === values
  if (values === 0) return 'VARCHAR'
  if (facts.isJson) {
    const only = (...kinds: readonly string[]): boolean =>
      kinds.reduce((sum, kind) => sum + (passed[`json ${kind}`] ?? 0), 0) === values
    if (only('BOOLEAN')) return 'BOOLEAN'
    if (only('UBIGINT', 'BIGINT', 'HUGEINT')) return all('bigint') ? 'BIGINT' : all('wide') ? 'DECIMAL(38,0)' : 'DOUBLE'
    if (only('UBIGINT', 'BIGINT', 'HUGEINT', 'DOUBLE')) return 'DOUBLE'
    // A number in quotes was meant as text.
    if (!only('VARCHAR')) return undefined
  } else {
    if (all('boolean')) return 'BOOLEAN'
    if (all('integer')) return all('bigint') ? 'BIGINT' : all('wide') ? 'DECIMAL(38,0)' : 'VARCHAR'
    if (all(decimal === ',' ? 'comma' : 'point')) return 'DOUBLE'
    if (all('time')) return 'TIME'
  }
  if (read.date_format === undefined && all('date') && all('realDate')) return 'DATE'
  if (read.timestamp_format === undefined && all('realTimestamp')) {
    if (all('zoned')) return 'TIMESTAMP WITH TIME ZONE'
    if (all('timestamp')) return 'TIMESTAMP'
  }
  return undefined
}

const DATE_FORMATS = [
  '%d.%m.%Y',
  '%d/%m/%Y',
  '%m/%d/%Y',
  '%d-%m-%Y',
  '%m-%d-%Y',
  '%Y/%m/%d',
  '%Y.%m.%d',
  '%b %d %Y',
  '%b %d, %Y',
  '%B %d, %Y',
  '%d %b %Y',
  '%d %B %Y',
  '%d-%b-%Y',
  '%d-%b-%y',
  '%m/%d/%y',
  '%d/%m/%y',
  '%d.%m.%y',
]
const TIMES = [' %H:%M', ' %H:%M:%S', ' %I:%M %p', ' %I:%M:%S %p', 'T%H:%M:%S']
/** Formats that the same text may fit: which is meant shows only in a day above twelve. */
const SWAPPED: Readonly<Record<string, string>> = {
  '%d/%m/%Y': '%m/%d/%Y',
  '%m/%d/%Y': '%d/%m/%Y',
  '%d-%m-%Y': '%m-%d-%Y',
  '%m-%d-%Y': '%d-%m-%Y',
  '%m/%d/%y': '%d/%m/%y',
  '%d/%m/%y': '%m/%d/%y',
}

/** One date format and one timestamp format per file, taken from the columns that leave no doubt. Sets their types. */
async function inferFormats(
  session: Session,
  rows: TextRows,
  facts: readonly Facts[],
  types: (string | undefined)[],
  read: ReadOptions,
  options: QueryOptions | undefined,
): Promise<InferredTypes['formats']> {
  const isGiven = read.date_format !== undefined || read.timestamp_format !== undefined
  const mayBeDate = ({ values, passed }: Facts): boolean => isGiven || passed['dateLike'] === values
  const open = rows.columns.flatMap((column, index) => {
    const fact = facts[index]
    return types[index] === undefined && fact !== undefined && mayBeDate(fact) ? [{ column, index }] : []
  })
  if (open.length === 0) return {}
  const dates = read.date_format === undefined ? DATE_FORMATS : [read.date_format]
  const timestamps =
    read.timestamp_format === undefined
      ? DATE_FORMATS.flatMap((date) => TIMES.map((time) => date + time))
      : [read.timestamp_format]
  const hasIsoDate = types.includes('DATE')
  const hasIsoTimestamp = types.some((type) => type?.startsWith('TIMESTAMP') === true)
  const sample = `(SELECT ${open.map(({ column }) => column.text).join(', ')} FROM ${rows.from} LIMIT 200)`
  const fits = async (
    from: string,
    tests: readonly { index: number; text: string; format: string }[],
  ): Promise<boolean[]> => {
    if (tests.length === 0) return []
    const counts = tests.map(
      ({ text, format }) =>
        `count(${text}) > 0 AND count(${text}) = count(try_strptime(${text}, ${session.dialect.literal(format)}))`,
    )
    const { rows: result } = await session.query(`SELECT ${counts.join(', ')} FROM ${from}`, options)
    return (result[0] ?? []).map((value) => value === true)
  }
  const candidates = open.flatMap(({ column, index }) =>
    [...(hasIsoDate ? [] : dates), ...(hasIsoTimestamp ? [] : timestamps)].map((format) => ({
      index,
      text: column.text,
      format,
    })),
  )
  const likely = await fits(sample, candidates)
  const survivors = candidates.filter((_, at) => likely[at] === true)
  const whole = await fits(rows.from, survivors)
  const proved = survivors.filter((_, at) => whole[at] === true)

  const formats: { date_format?: string; timestamp_format?: string } = {}
  for (const [kind, list] of [
    ['date_format', dates],
    ['timestamp_format', timestamps],
  ] as const) {
    const format = list.find((candidate) =>
      proved.some(
        ({ index, format: one }) =>
          one === candidate && !proved.some((other) => other.index === index && other.format === swap(candidate)),
      ),
    )
    if (format === undefined) continue
    for (const { index, format: one } of proved)
      if (one === format) types[index] = kind === 'date_format' ? 'DATE' : 'TIMESTAMP'
    if (read[kind] === undefined) formats[kind] = format
  }
  return formats
}

function swap(format: string): string | undefined {
  const date = Object.keys(SWAPPED).find((key) => format.startsWith(key))
  return date === undefined ? undefined : `${SWAPPED[date] ?? ''}${format.slice(date.length)}`
}

/** Objects and arrays get a type of their own where all values agree. */
async function inferNested(
  session: Session,
  rows: TextRows,
  facts: readonly Facts[],
  types: (string | undefined)[],
  options: QueryOptions | undefined,
): Promise<void> {
  for (const [index, { text, jsonType }] of rows.columns.entries()) {
    const fact = facts[index]
    if (types[index] !== undefined || fact === undefined || jsonType === undefined) continue
    const kind = ['OBJECT', 'ARRAY'].find((name) => fact.passed[`json ${name}`] === fact.values)
    if (kind === undefined) continue
    const { rows: result } = await session.query(
      `SELECT json_group_structure(CAST(${text} AS JSON)) FROM ${rows.from} WHERE ${text} IS NOT NULL`,
      options,
    )
    types[index] = jsonStructureType(String(result[0]?.[0] ?? ''))
  }
}
