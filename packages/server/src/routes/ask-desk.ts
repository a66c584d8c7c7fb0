import { isTidegateError, type JsonValue } from '@tidegate/core'
import { RequestProblem } from '../http/problem.ts'
import type { DeskQuestion, Services } from '../services.ts'

/** What cannot be answered because of what was asked about is the caller's to know: 422 with the code that a run would have. */
export async function askDesk(
  { desk }: Pick<Services, 'desk'>,
  question: DeskQuestion,
  signal: AbortSignal | undefined,
): Promise<JsonValue> {
  try {
    return await desk.ask(question, signal)
  } catch (error) {
    if (!isTidegateError(error) || error.code.startsWith('SERVER_') || error.retryable) throw error
    throw new RequestProblem(422, error.code, error.message, { hint: error.hint, dataNow: 'Nothing was changed.' })
  }
}
