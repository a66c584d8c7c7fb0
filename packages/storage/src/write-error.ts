import { codeOf, messageOf, TidegateError } from '@tidegate/core'

const NOT_WRITTEN = 'The file was not written; what was there before is unchanged.'

/**
 * Runs a write and turns what a person can mend into a typed error. `ENOENT`, `EEXIST` and the like stay as they are:
 * callers decide on them.
 */
export async function writing<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    throw typedWriteError(path, error)
  }
}

function typedWriteError(path: string, error: unknown): unknown {
  switch (codeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new TidegateError('DISK_FULL', `no space left to write ${path}`, {
        hint: 'Free space on this disk (or raise the quota) and run again.',
        retryable: true,
        dataNow: NOT_WRITTEN,
        cause: error,
      })
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new TidegateError('WRITE_DENIED', `not allowed to write ${path}: ${messageOf(error)}`, {
        hint: 'Give this user the right to write there, or choose another folder.',
        dataNow: NOT_WRITTEN,
        cause: error,
      })
    default:
      return error
  }
}
