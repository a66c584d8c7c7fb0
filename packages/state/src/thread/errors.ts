import { isTidegateError, TidegateError } from '@tidegate/core'

/** An error as it crosses between threads: a copy would lose its class and its code. */
export interface SentError {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  readonly code: string | undefined
  readonly hint: string | undefined
  readonly retryable: boolean
  readonly dataNow: string | undefined
  readonly cause: SentError | undefined
}

export function toSentError(error: unknown, depth = 0): SentError {
  const ours = isTidegateError(error) ? error : undefined
  const known = error instanceof Error ? error : new Error(String(error))
  const code: unknown = Reflect.get(known, 'code')
  return {
    name: known.name,
    message: known.message,
    stack: known.stack,
    code: typeof code === 'string' ? code : undefined,
    hint: ours?.hint,
    retryable: ours?.retryable ?? false,
    dataNow: ours?.dataNow,
    cause: known.cause === undefined || depth > 3 ? undefined : toSentError(known.cause, depth + 1),
  }
}

export function fromSentError(sent: SentError): Error {
  const cause = sent.cause === undefined ? {} : { cause: fromSentError(sent.cause) }
  const error = sent.name === 'TidegateError' ? ours(sent, cause) : new Error(sent.message, cause)
  if (sent.stack !== undefined) error.stack = sent.stack
  if (error instanceof TidegateError) return error
  error.name = sent.name
  return sent.code === undefined ? error : Object.assign(error, { code: sent.code })
}

function ours(sent: SentError, cause: { readonly cause?: Error }): TidegateError {
  const { code = 'UNEXPECTED', message, hint, retryable, dataNow } = sent
  return new TidegateError(code, message, {
    retryable,
    ...(hint === undefined ? {} : { hint }),
    ...(dataNow === undefined ? {} : { dataNow }),
    ...cause,
  })
}
