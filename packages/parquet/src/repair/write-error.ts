import { codeOf, messageOf, TidegateError } from '@tidegate/core'

/** What a person can mend as a typed error; all else as it is. */
export function writeError(path: string, error: unknown): unknown {
  switch (codeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new TidegateError('DISK_FULL', `no space left at ${path}`, {
        hint: 'Free space on this disk (or raise the quota) and run again.',
        retryable: true,
        dataNow: 'Nothing was written.',
        cause: error,
      })
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new TidegateError('WRITE_DENIED', `not allowed to write at ${path}: ${messageOf(error)}`, {
        hint: 'Give this user the right to write there, or choose another folder.',
        dataNow: 'Nothing was written.',
        cause: error,
      })
    default:
      return error
  }
}
