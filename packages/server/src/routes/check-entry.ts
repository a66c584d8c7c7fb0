import { buildIngestion, type Problem } from '@tidegate/config'
import type { Config, JsonValue } from '@tidegate/core'
import { RequestProblem } from '../http/problem.ts'
import type { Services } from '../services.ts'

/** What is wrong with an entry beside the configuration in force; empty where nothing is. */
export function problemsOf(config: Config, id: string, entry: Entry): readonly string[] {
  return errorsOf(config, id, entry).map(({ code, message }) => `${code}: ${message}`)
}

type Entry = Readonly<Record<string, JsonValue>>

function errorsOf(config: Config, id: string, entry: Entry): readonly Problem[] {
  const result = buildIngestion(id, entry, config)
  return result.kind === 'ok' ? [] : result.problems.filter(({ severity }) => severity === 'error')
}

/** @throws RequestProblem 422 `INGESTION_INVALID` with all that is wrong */
export function assertEntry(services: Services, id: string, entry: Entry): void {
  const found = errorsOf(services.config(), id, entry)
  const problems = found.map(({ code, message }) => `${code}: ${message}`)
  const [first] = problems
  if (first === undefined) return
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  const hint = found.find((one) => one.hint !== undefined)?.hint
  throw new RequestProblem(422, 'INGESTION_INVALID', `The entry breaks a rule: ${first}${more}.`, {
    errors: problems.slice(0, MOST_PROBLEMS).map((message) => ({ path: 'body.entry', message })),
    dataNow: 'Nothing was changed.',
    ...(hint === undefined ? {} : { hint }),
  })
}

const MOST_PROBLEMS = 50
