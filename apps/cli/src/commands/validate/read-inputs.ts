import path from 'node:path'
import { parseYamlValue, readYamlValue, type Problem } from '@tidegate/config'
import { TidegateError, type JsonValue } from '@tidegate/core'
import type { ResultFormat } from '@tidegate/dq'
import { readPlainJson } from './read-json.ts'

/** A suite or contract: JSON or YAML of the same shape. */
export async function readSuiteFile(given: string | undefined, directory: string): Promise<JsonValue> {
  if (given === undefined)
    throw new TidegateError('USAGE_SUITE', 'validate needs a suite: --suite FILE', { hint: 'tidegate validate --help' })
  return readValue(path.resolve(directory, given), given, 'USAGE_SUITE')
}

/** `--parameters`: a JSON object, or the name of a file that holds one. */
export async function readParameters(
  given: string | undefined,
  directory: string,
): Promise<Readonly<Record<string, JsonValue>> | undefined> {
  if (given === undefined) return undefined
  const value = given.trimStart().startsWith('{')
    ? parsed(parseYamlValue(given, '--parameters'), '--parameters', 'USAGE_PARAMETERS')
    : await readValue(path.resolve(directory, given), given, 'USAGE_PARAMETERS')
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TidegateError('USAGE_PARAMETERS', 'parameters are a map from names to values', {
      hint: 'For example --parameters \'{"upper": 100}\'.',
    })
  return value as Readonly<Record<string, JsonValue>>
}

/** `--result-format`: a name, or a JSON object with `result_format`. dq says what is wrong with it. */
export async function readResultFormat(
  given: string | undefined,
  directory: string,
): Promise<ResultFormat | undefined> {
  if (given === undefined || !given.trimStart().startsWith('{')) return given?.toUpperCase() as ResultFormat | undefined
  return parsed(
    parseYamlValue(given, path.join(directory, '--result-format')),
    '--result-format',
    'USAGE_FORMAT',
  ) as unknown as ResultFormat
}

async function readValue(file: string, given: string, code: string): Promise<JsonValue> {
  const plain = await readPlainJson(file)
  if (plain !== undefined) return plain
  const read = await readYamlValue(file)
  if (read.kind === 'missing')
    throw new TidegateError(code, `there is no file ${given}`, { hint: 'Paths count from the folder of -C.' })
  return parsed(read, given, code)
}

type Read =
  | { readonly kind: 'ok'; readonly value: JsonValue }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] }

function parsed(read: Read, given: string, code: string): JsonValue {
  if (read.kind === 'ok') return read.value
  const [first] = read.problems
  throw new TidegateError(
    code,
    `${given}:${first?.line ?? 1}:${first?.column ?? 1}: ${first?.message ?? 'unreadable'}`,
    {
      hint: 'It must be JSON or YAML.',
    },
  )
}
