/** The arguments of a job, as they were kept in the state: checked when they are used. */
import { TidegateError, type JsonValue } from '@tidegate/core'

export type JobArgs = Readonly<Record<string, JsonValue>>

/** @throws TidegateError `JOB_BAD_ARGUMENT` where there is something else */
export function booleanArg(args: JobArgs, name: string): boolean {
  const value = args[name] ?? false
  if (typeof value === 'boolean') return value
  throw badArgument(name, 'true or false')
}

export function textArg(args: JobArgs, name: string): string | undefined {
  const value = args[name] ?? undefined
  if (value === undefined || typeof value === 'string') return value
  throw badArgument(name, 'a text')
}

/** A number between `least` and `most`. */
export function numberArg(args: JobArgs, name: string, least: number, most: number): number | undefined {
  const value = args[name] ?? undefined
  if (value === undefined) return undefined
  if (typeof value === 'number' && value >= least && value <= most) return value
  throw badArgument(name, `a number from ${least} to ${most}`)
}

export function textsArg(args: JobArgs, name: string): readonly string[] | undefined {
  const value = args[name] ?? undefined
  if (value === undefined) return undefined
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  throw badArgument(name, 'a list of texts')
}

function badArgument(name: string, wanted: string): TidegateError {
  return new TidegateError('JOB_BAD_ARGUMENT', `the job's argument ${JSON.stringify(name)} must be ${wanted}`, {
    dataNow: 'Nothing was changed.',
    hint: 'Make the run again with other arguments.',
  })
}
