import { TidegateError } from '@tidegate/core'

/** @param because what would have to leave, as a clause */
export function appendOnly(because: string): TidegateError {
  return new TidegateError('TARGET_APPEND_ONLY', `Rows are only appended to a Delta table: ${because}.`, {
    hint: 'Choose `mode: append` for this target, and `overwrites: ignore`, `append` or `fail` for its source.',
    dataNow: 'Nothing was committed.',
  })
}
