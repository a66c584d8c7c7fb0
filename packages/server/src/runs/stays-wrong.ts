/**
 * Errors that another try cannot mend: a person has to, first. What is not known here may pass, and so may all that is thrown
 * as `retryable`; a test beside this file reads the sources for it.
 */

/** Configuration, contract, arguments, and rows or records that do not fit where they are to go. */
const FAMILIES = /^(?:CHECK|CONFIG|CONTRACT|DELTA|INGESTION|JOB|PLAN|QUARANTINE|SCHEMA|TARGET|USAGE)_/

/** Rights, versions, damage, and what is somebody else's; of whatever it is said. */
const KINDS =
  /_(?:AUTH|COLUMN|CONSTRAINT|CORRUPT|DENIED|FOREIGN|INVALID|NEWER|NO_DATABASE|NOT_A_DATABASE|OLDER|PERMISSION|SCHEMA|TOO_OLD|UNKNOWN|UNSUPPORTED|URL|VALUE)$/

/** A log that is not what it was, and places that may not be used. */
const OTHERS: ReadonlySet<string> = new Set([
  'ENGINE_FORBIDDEN_PATH',
  'LEDGER_BEHIND_STATE',
  'LEDGER_CONSERVATION',
  'LEDGER_NAME_TAKEN',
  'LEDGER_PATH',
  'SOURCE_IS_DELTA_TABLE',
  'SOURCE_OUTSIDE_ROOT',
])

/** Of those families, and yet it may be over by itself: what could not be read at the moment, somebody who was faster, a lost connection. */
const PASSING: ReadonlySet<string> = new Set([
  'CHECK_DATA',
  'CHECK_ENGINE',
  'CHECK_TIMEOUT',
  'CONFIG_UNREADABLE',
  'QUARANTINE_OVERTAKEN',
  'TARGET_BUSY',
  'TARGET_COLUMN',
  'TARGET_IO',
  'TARGET_NOT_COMMITTED',
  'TARGET_OUTCOME_UNKNOWN',
])

export function staysWrong(errorCode: string): boolean {
  if (PASSING.has(errorCode)) return false
  return FAMILIES.test(errorCode) || KINDS.test(errorCode) || OTHERS.has(errorCode)
}
