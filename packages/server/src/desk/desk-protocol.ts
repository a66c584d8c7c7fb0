import { TidegateError, codeOf, isTidegateError, messageOf, type JsonValue } from '@tidegate/core'
import type { ProjectPlace } from '../runs/attempt-protocol.ts'
import type { DeskQuestion } from '../services.ts'

/** One question after another; the child is told the next one when it answered. */
export interface ToDesk {
  readonly id: number
  readonly place: ProjectPlace
  readonly memoryParts: number
  readonly question: DeskQuestion
}

export type FromDesk =
  | { readonly kind: 'answer'; readonly id: number; readonly answer: JsonValue }
  | { readonly kind: 'error'; readonly id: number; readonly error: PlainError }

/** A TidegateError between processes. */
export interface PlainError {
  readonly code: string
  readonly message: string
  readonly hint?: string | undefined
  readonly retryable?: boolean | undefined
  readonly dataNow?: string | undefined
}

export function toPlainError(error: unknown): PlainError {
  if (!isTidegateError(error)) return { code: codeOf(error) ?? 'INTERNAL', message: messageOf(error) }
  const { code, message, hint, retryable, dataNow } = error
  return { code, message, hint, retryable, dataNow }
}

export function fromPlainError({ code, message, hint, retryable, dataNow }: PlainError): TidegateError {
  return new TidegateError(code, message, {
    ...(hint === undefined ? {} : { hint }),
    ...(retryable === undefined ? {} : { retryable }),
    ...(dataNow === undefined ? {} : { dataNow }),
  })
}
