import { RequestProblem } from './problem.ts'

/** The parameters of a request, asked for by name and kind; `finish` refuses what nobody asked for. */
export interface QueryReader {
  text(name: string): string | undefined
  texts(name: string): readonly string[] | undefined
  whole(name: string, least: number, most: number): number | undefined
  /** Unix milliseconds, or a UTC instant in ISO 8601. */
  instant(name: string): number | undefined
  flag(name: string): boolean | undefined
  oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined
  finish(): void
}

const LONGEST_TEXT = 4096
const MOST_VALUES = 200
const ISO = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?Z)?$/
/** Of JavaScript's dates. */
const LATEST_MS = 8_640_000_000_000_000

/** Every `@throws` here is a {@link RequestProblem} with status 400 and code `HTTP_PARAMETER`. */
export function readQuery(url: string): QueryReader {
  const at = url.indexOf('?')
  const params = new URLSearchParams(at === -1 ? '' : url.slice(at + 1))
  const asked = new Set<string>()
  const text = (name: string): string | undefined => {
    asked.add(name)
    const values = params.getAll(name)
    if (values.length > 1) throw refusal(name, 'may be given once')
    return checked(name, values[0])
  }
  const whole = (name: string, least: number, most: number): number | undefined => {
    const value = text(name)
    if (value === undefined) return undefined
    const number = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN
    if (!(number >= least && number <= most)) throw refusal(name, `is a whole number from ${least} to ${most}`)
    return number
  }
  return {
    text,
    whole,
    texts(name) {
      asked.add(name)
      const values = params.getAll(name)
      if (values.length > MOST_VALUES) throw refusal(name, `may be given ${MOST_VALUES} times at most`)
      return values.length === 0 ? undefined : values.map((value) => checked(name, value) ?? '')
    },
    instant(name) {
      const value = text(name)
      if (value === undefined) return undefined
      const ms = ISO.test(value) ? Date.parse(value) : /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN
      if (!(ms >= 0 && ms <= LATEST_MS)) throw refusal(name, 'is a time: Unix milliseconds, or 2026-11-21T08:00:00Z')
      return ms
    },
    flag(name) {
      const value = text(name)
      if (value === undefined || value === 'true' || value === 'false')
        return value === undefined ? value : value === 'true'
      throw refusal(name, 'is true or false')
    },
    oneOf(name, choices) {
      const value = text(name)
      const found = choices.find((choice) => choice === value)
      if (value !== undefined && found === undefined) throw refusal(name, `is one of ${choices.join(', ')}`)
      return found
    },
    finish() {
      for (const name of params.keys()) if (!asked.has(name)) throw refusal(name, 'is not known here')
    },
  }
}

function checked(name: string, value: string | undefined): string | undefined {
  if (value !== undefined && value.length > LONGEST_TEXT) throw refusal(name, `has at most ${LONGEST_TEXT} characters`)
  return value
}

function refusal(name: string, what: string): RequestProblem {
  return new RequestProblem(400, 'HTTP_PARAMETER', `The parameter ${JSON.stringify(name.slice(0, 80))} ${what}.`)
}
