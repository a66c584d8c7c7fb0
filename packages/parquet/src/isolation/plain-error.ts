import { codeOf, isTidegateError, messageOf, TidegateError } from '@tidegate/core'

import type { PlainError } from './protocol.ts'

export function toPlainError(error: unknown): PlainError {
  const known = isTidegateError(error) ? error : undefined
  return {
    code: known?.code ?? codeOf(error),
    message: messageOf(error),
    hint: known?.hint,
    dataNow: known?.dataNow,
    retryable: known?.retryable ?? false,
    stack: error instanceof Error ? error.stack : undefined,
  }
}

/** The error again, on this side of the border. What had no code is an error without one. */
export function fromPlainError(plain: PlainError): Error {
  const { code, message, hint, dataNow, retryable, stack } = plain
  const cause = new Error(message)
  if (stack !== undefined) cause.stack = stack
  if (code === undefined) return cause
  return new TidegateError(code, message, {
    retryable,
    cause,
    ...(hint === undefined ? {} : { hint }),
    ...(dataNow === undefined ? {} : { dataNow }),
  })
}
