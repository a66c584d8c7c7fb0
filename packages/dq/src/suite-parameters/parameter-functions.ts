import { numberValue, ParameterError, type ParameterValue } from './parameter-value.ts'

export interface FunctionCall {
  readonly name: string
  readonly positional: readonly ParameterValue[]
  readonly named: ReadonlyMap<string, ParameterValue>
}

/** The functions Great Expectations knows in its expressions. `nowMs` undefined: `now()` is a mistake. @throws ParameterError */
export function callFunction(call: FunctionCall, nowMs: number | undefined): ParameterValue {
  const { name, positional, named } = call
  switch (name) {
    case 'now':
      if (positional.length + named.size > 0) throw new ParameterError('now() takes no argument')
      if (nowMs === undefined)
        throw new ParameterError('now() has no meaning here: nobody said what time it is', {
          hint: 'Give the time, or a parameter with the date.',
        })
      return { kind: 'instant', nanoseconds: BigInt(Math.trunc(nowMs)) * 1_000_000n }
    case 'datetime':
      return datetime(call)
    case 'timedelta':
      return timedelta(call)
    default: {
      const work = Object.hasOwn(MATHEMATICS, name) ? MATHEMATICS[name] : undefined
      if (work === undefined)
        throw new ParameterError(`there is no function ${name}()`, {
          hint: `Known are ${[...Object.keys(MATHEMATICS), 'now', 'datetime', 'timedelta'].join(', ')}.`,
        })
      const [argument, digits] = positional
      const most = name === 'round' ? 2 : 1
      if (
        argument?.kind !== 'number' ||
        positional.length > most ||
        named.size > 0 ||
        (digits !== undefined && digits.kind !== 'number')
      )
        throw new ParameterError(`${name}() takes one number`)
      return numberValue(digits === undefined ? work(argument.value) : roundTo(argument.value, digits.value))
    }
  }
}

const MATHEMATICS: Readonly<Record<string, (value: number) => number>> = {
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  exp: Math.exp,
  abs: Math.abs,
  trunc: Math.trunc,
  round: roundHalfEven,
  sgn: (value) => (Math.abs(value) <= 1e-12 ? 0 : Math.sign(value)),
}

/** As Python rounds: halves go to the even neighbour. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  if (rest !== 0.5) return Math.round(value)
  return floor % 2 === 0 ? floor : floor + 1
}

function roundTo(value: number, digits: number): number {
  if (!Number.isInteger(digits) || Math.abs(digits) > 15)
    throw new ParameterError('round() takes a whole number of digits')
  return digits < 0 ? roundHalfEven(value * 10 ** digits) / 10 ** digits : Number(value.toFixed(digits))
}

const FIELDS = ['year', 'month', 'day', 'hour', 'minute', 'second', 'microsecond'] as const

function datetime(call: FunctionCall): ParameterValue {
  const fields = argumentsOf(call, FIELDS)
  const [year = Number.NaN, month = Number.NaN, day = Number.NaN, hour = 0, minute = 0, second = 0, micro = 0] =
    FIELDS.map((field) => fields.get(field))
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute, second)
  const kept =
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second
  if (!kept || micro < 0 || micro > 999_999 || !Number.isInteger(micro))
    throw new ParameterError('datetime() of no such time')
  return { kind: 'instant', nanoseconds: BigInt(date.getTime()) * 1_000_000n + BigInt(micro) * 1000n }
}

const UNITS = ['days', 'seconds', 'microseconds', 'milliseconds', 'minutes', 'hours', 'weeks'] as const

const MICROSECONDS: Readonly<Record<(typeof UNITS)[number], number>> = {
  days: 86_400e6,
  seconds: 1e6,
  microseconds: 1,
  milliseconds: 1e3,
  minutes: 60e6,
  hours: 3600e6,
  weeks: 7 * 86_400e6,
}

function timedelta(call: FunctionCall): ParameterValue {
  let microseconds = 0
  for (const [unit, value] of argumentsOf(call, UNITS)) microseconds += value * MICROSECONDS[unit]
  if (!Number.isFinite(microseconds)) throw new ParameterError('timedelta() of no finite length')
  return { kind: 'duration', nanoseconds: BigInt(Math.round(microseconds)) * 1000n }
}

/** Numbers by name, given by place or by name. */
function argumentsOf<Name extends string>(
  { name, positional, named }: FunctionCall,
  names: readonly Name[],
): ReadonlyMap<Name, number> {
  const given = new Map<Name, number>()
  const put = (field: Name | undefined, value: ParameterValue): void => {
    if (field === undefined || given.has(field) || value.kind !== 'number')
      throw new ParameterError(`${name}() takes numbers: ${names.join(', ')}`)
    given.set(field, value.value)
  }
  for (const [index, value] of positional.entries()) put(names[index], value)
  for (const [field, value] of named)
    put(
      names.find((known) => known === field),
      value,
    )
  return given
}
