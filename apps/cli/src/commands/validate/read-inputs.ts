import path from 'node:path'
import { parseYamlValue, readContract, readYamlValue, type Problem } from '@tidegate/config'
import { TidegateError, type Contract, type JsonValue } from '@tidegate/core'
import type { ResultFormat } from '@tidegate/dq'
import type { CommandContext } from '../../context.ts'
import { printProblems } from '../../open.ts'
import { readPlainJson } from './read-json.ts'

/** A suite or contract: JSON or YAML of the same shape. Of a contract, all problems are printed before it is refused. */
export async function readSuiteFile(
  given: string | undefined,
  context: CommandContext,
): Promise<Contract | Readonly<Record<string, JsonValue>>> {
  if (given === undefined)
    throw new TidegateError('USAGE_SUITE', 'validate needs a suite: --suite FILE', { hint: 'tidegate validate --help' })
  const file = path.resolve(context.options.directory, given)
  const value = await readValue(file, given, 'USAGE_SUITE')
  // What is wrong with any other value is dq's to say.
  return isContract(value) ? contractOf(file, given, context) : (value as Readonly<Record<string, JsonValue>>)
}

function isContract(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, 'contract')
}

async function contractOf(file: string, given: string, context: CommandContext): Promise<Contract> {
  const read = await readContract(file)
  if (read.kind === 'missing') throw new TidegateError('USAGE_SUITE', `there is no file ${given}`)
  printProblems(read.kind === 'ok' ? read.warnings : read.problems, context)
  if (read.kind === 'ok') return read.contract
  const count = read.problems.filter(({ severity }) => severity === 'error').length
  throw new TidegateError('CONFIG_CONTRACT', `${count} ${count === 1 ? 'problem' : 'problems'} in ${given}`, {
    dataNow: 'Nothing was checked.',
    hint: 'Mend the places above; `tidegate contract check FILE` looks again.',
  })
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
