import { codeOf, isTidegateError, messageOf, TidegateError, type TidegateErrorOptions } from '@tidegate/core'

/** What SQLite or the file system said about the state database, as a coded error. Errors of ours pass unchanged. */
export function toStateError(error: unknown, path: string): unknown {
  if (isTidegateError(error)) return error
  const code = codeOf(error) ?? ''
  const fault = FAULTS.find((candidate) => candidate.when.test(code))
  if (fault === undefined) return error
  return new TidegateError(fault.code, `${fault.message}: ${path} (${code}: ${messageOf(error)})`, {
    ...fault.options,
    cause: error,
  })
}

interface Fault {
  /** Matches SQLite's extended result code or the operating system's error code. */
  readonly when: RegExp
  readonly code: string
  readonly message: string
  readonly options: Omit<TidegateErrorOptions, 'cause'>
}

// The first match counts.
const FAULTS: readonly Fault[] = [
  {
    when: /^SQLITE_(BUSY|LOCKED)/,
    code: 'STATE_BUSY',
    message: 'the state database is locked by another process',
    options: {
      retryable: true,
      hint: 'Try again; if it lasts, look for another process that keeps this file open in a transaction.',
      dataNow: 'Nothing of this step was written.',
    },
  },
  {
    when: /^(SQLITE_FULL|SQLITE_IOERR_SHMSIZE|ENOSPC|EDQUOT)$/,
    code: 'STATE_FULL',
    message: 'the disk that holds the state database is full',
    options: {
      hint: 'Free some space, then run the command again.',
      dataNow: 'Nothing of this step was written; what was committed before is safe.',
    },
  },
  {
    when: /^SQLITE_NOTADB$/,
    code: 'STATE_NOT_A_DATABASE',
    message: 'this file is no SQLite database',
    options: {
      hint: 'Point `state` at another file, or move this one away; `tidegate state rebuild` makes a new one from the targets.',
      dataNow: 'The file was not changed.',
    },
  },
  {
    when: /^SQLITE_(CORRUPT|IOERR_SHORT_READ|IOERR_DATA|IOERR_CORRUPTFS)/,
    code: 'STATE_CORRUPT',
    message: 'the state database is damaged',
    options: {
      hint: 'Move the file away and run `tidegate state rebuild`: it restores the index from the commit logs of the targets.',
      dataNow: 'The loaded data is not affected: the commit logs of the targets are the truth.',
    },
  },
  {
    when: /^(SQLITE_READONLY|SQLITE_PERM|SQLITE_AUTH|EACCES$|EPERM$|EROFS$)/,
    code: 'STATE_READ_ONLY',
    message: 'the state database cannot be written',
    options: {
      hint: 'Check the owner and the permissions of the file and of its folder (SQLite writes files next to it).',
      dataNow: 'Nothing of this step was written.',
    },
  },
  {
    when: /^(SQLITE_CANTOPEN|ENOTDIR$|EISDIR$|EEXIST$|ENOENT$|ENAMETOOLONG$|ELOOP$|ERR_INVALID_ARG_VALUE$)/,
    code: 'STATE_CANNOT_OPEN',
    message: 'the state database cannot be opened',
    options: {
      hint: 'Check the path in `state`: it must name a file in a folder that can be made or written.',
      dataNow: 'Nothing was changed.',
    },
  },
  {
    when: /^(SQLITE_IOERR|EIO$)/,
    code: 'STATE_IO',
    message: 'the disk of the state database failed',
    options: {
      hint: 'Look at the system log for disk errors; the state database belongs on a local disk.',
      dataNow: 'Nothing of this step was written; what was committed before is safe.',
    },
  },
]
