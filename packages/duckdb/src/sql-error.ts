import { TidegateError, messageOf } from '@tidegate/core'

/** Codes of engine failures that leave the session usable; see core `Session`. */
export function toEngineError(error: unknown, sql: string): TidegateError {
  const message = messageOf(error)
  const firstLine = message.split('\n', 1)[0] ?? message
  for (const [pattern, code, hint, retryable] of KNOWN) {
    if (pattern.test(message)) return new TidegateError(code, firstLine, { cause: error, hint, retryable })
  }
  return new TidegateError('ENGINE_SQL', firstLine, { cause: new Error(shorten(sql), { cause: error }) })
}

const KNOWN: readonly (readonly [RegExp, string, string, boolean])[] = [
  [/INTERRUPT Error|Interrupted!/i, 'CANCELLED', 'It was stopped on request; run it again to continue.', true],
  [
    /No space left on device|max_temp_directory_size|Could not write all bytes|disk full/i,
    'ENGINE_DISK_FULL',
    'Free space on the disk of the temp folder (limits.temp) or of the target, then run again.',
    false,
  ],
  [
    /Out of Memory Error|could not allocate|failed to allocate/i,
    'ENGINE_OUT_OF_MEMORY',
    'Raise limits.memory, or lower --workers.',
    false,
  ],
  [
    /INTERNAL Error|database has been invalidated/i,
    'ENGINE_CRASHED',
    'The engine is started again; a file that does this twice is set aside.',
    true,
  ],
  [
    /Permission Error.*(disabled by configuration|Cannot access)/is,
    'ENGINE_FORBIDDEN_PATH',
    'The engine may only touch the folders of the configuration.',
    false,
  ],
]

function shorten(sql: string): string {
  return sql.length > 2000 ? `${sql.slice(0, 2000)}… (${sql.length} characters)` : sql
}
