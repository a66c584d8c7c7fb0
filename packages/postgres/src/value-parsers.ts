/**
 * How values come: `bigint` gives a bigint for int8, `number` a number and an error beyond 2^53.
 *
 * int2, int4, oid, float4, float8 are numbers, bool a boolean, bytea a Buffer. All else, numeric, dates, times, json and
 * arrays included, is the server's own text: nothing is rounded and no time zone of this process comes in.
 */
export type Int8 = 'bigint' | 'number'

type Parser = (text: string) => unknown

/** Called for every column of a result: what turns its text into a value. */
export function valueParser(int8: Int8): (oid: number) => Parser {
  return (oid) => {
    if (oid === INT8) return int8 === 'bigint' ? BigInt : exactNumber
    return PARSERS.get(oid) ?? asText
  }
}

const INT8 = 20

const PARSERS: ReadonlyMap<number, Parser> = new Map<number, Parser>([
  [16, (text): boolean => text === 't'],
  [21, Number],
  [23, Number],
  [26, Number],
  [700, toFloat],
  [701, toFloat],
  // The session asks for bytea in hexadecimal: `\\x00ff`.
  [17, (text): Buffer => Buffer.from(text.slice(2), 'hex')],
])

function asText(text: string): string {
  return text
}

/** `Infinity`, `-Infinity` and `NaN` are spelled as in JavaScript. */
function toFloat(text: string): number {
  return Number(text)
}

function exactNumber(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} cannot be an exact number`)
  return value
}
