/**
 * The one error class of Tidegate. Expected outcomes are values; this is for what the caller cannot be expected to handle
 * in the normal flow: bad configuration, a full disk, a state database from a newer version.
 *
 * Compare by `code` (or {@link isTidegateError}), never by `instanceof`: two copies of this package may be installed.
 */
export class TidegateError extends Error {
  override readonly name = 'TidegateError'
  /** Stable, upper-case, e.g. `STATE_NEWER`. `tidegate explain CODE` tells more. Never renamed. */
  readonly code: string
  /** What to do next, one sentence. */
  readonly hint: string | undefined
  /** True when the same call may succeed later with nothing changed (a lock, a crashed engine child). */
  readonly retryable: boolean
  /** What this means for the data now, one sentence, e.g. `Nothing was committed.` */
  readonly dataNow: string | undefined

  constructor(code: string, message: string, options: TidegateErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.hint = options.hint
    this.retryable = options.retryable ?? false
    this.dataNow = options.dataNow
  }
}

export interface TidegateErrorOptions {
  readonly hint?: string
  /** @defaultValue false */
  readonly retryable?: boolean
  readonly dataNow?: string
  readonly cause?: unknown
}

/** Recognises a {@link TidegateError} by shape, so that it works across duplicate installs. */
export function isTidegateError(value: unknown): value is TidegateError {
  return value instanceof Error && value.name === 'TidegateError' && 'code' in value && typeof value.code === 'string'
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The `code` of anything that was thrown (`ENOENT`, `STATE_NEWER`, …), or undefined. */
export function codeOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}
