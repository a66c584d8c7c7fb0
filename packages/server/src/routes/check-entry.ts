import { buildIngestion } from '@tidegate/config'
import type { Config, JsonValue } from '@tidegate/core'
import { RequestProblem } from '../http/problem.ts'
import type { Services } from '../services.ts'

/** What is wrong with an entry beside the configuration in force; empty where nothing is. */
export function problemsOf(config: Config, id: string, entry: Readonly<Record<string, JsonValue>>): readonly string[] {
  const result = buildIngestion(id, entry, config)
  if (result.kind === 'ok') return []
  return result.problems
    .filter(({ severity }) => severity === 'error')
    .map(({ code, message }) => `${code}: ${message}`)
}

/** @throws RequestProblem 422 `INGESTION_INVALID` with all that is wrong */
export function assertEntry(services: Services, id: string, entry: Readonly<Record<string, JsonValue>>): void {
  const problems = problemsOf(services.config(), id, entry)
  const [first] = problems
  if (first === undefined) return
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  throw new RequestProblem(422, 'INGESTION_INVALID', `The entry breaks a rule: ${first}${more}.`, {
    errors: problems.slice(0, MOST_PROBLEMS).map((message) => ({ path: 'body.entry', message })),
    dataNow: 'Nothing was changed.',
  })
}

const MOST_PROBLEMS = 50
