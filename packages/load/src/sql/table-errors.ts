import { TidegateError } from '@tidegate/core'
import type { TypeChange } from './plan-table.ts'

export function rowsMissing([first, ...more]: readonly string[]): TidegateError {
  const others = more.length > 0 ? ` and of ${more.length} more` : ''
  return new TidegateError('LEDGER_PART_MISSING', `Rows of ${first}${others} are in the ledger and not in the table.`, {
    hint: 'Restore the table from a backup, or load its files again with --force.',
    dataNow: 'The ledger is intact and nothing was changed.',
  })
}

export function narrowed({ column, from, to }: TypeChange): TidegateError {
  return new TidegateError('TARGET_COLUMN', `As ${to}, column ${column} would not keep what it has as ${from}.`, {
    hint: 'If another batch widened it meanwhile, run again; else give the column a type in the contract that keeps its values.',
    retryable: true,
    dataNow: 'Nothing was committed, and the table is as it was.',
  })
}

export function notCommitted(): TidegateError {
  return new TidegateError('TARGET_NOT_COMMITTED', 'The database took the commit and does not have its entry.', {
    hint: 'Run again.',
    retryable: true,
    dataNow: 'Nothing was committed.',
  })
}

export function unknownOutcome(cause: unknown): TidegateError {
  return new TidegateError(
    'TARGET_OUTCOME_UNKNOWN',
    'The connection was lost during the commit, and the outcome is not known yet.',
    {
      hint: 'Run again: recovery finds out whether the batch is in.',
      retryable: true,
      dataNow: 'The batch is in the table as a whole, or not at all.',
      cause,
    },
  )
}

export function unsupported(): TidegateError {
  return new TidegateError('TARGET_UNSUPPORTED', 'Windows cannot make folder entries durable.', {
    hint: 'Run on Linux or macOS, for example in a container or under WSL.',
    dataNow: 'Nothing was changed.',
  })
}
