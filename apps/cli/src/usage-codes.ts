/** What the user wrote is wrong, under a code that other doors share. */
const USAGE_CODES: ReadonlySet<string> = new Set([
  'STATE_NEWER',
  'SERVER_NEEDS_TOKEN',
  'SERVER_PORT_DENIED',
  'SERVER_PORT_TAKEN',
  'INIT_NO_FILES',
  'PLAN_STALE',
  'PLAN_UNKNOWN',
  'CHECK_SUITE',
  'CHECK_FORMAT',
  'CHECK_RESULT_FORMAT',
  'CHECK_INDEX_COLUMN',
  'CHECK_PLUGIN',
  'REPAIR_OUT_IS_SOURCE',
  'REPAIR_OUT_EXISTS',
  'REPAIR_OUT_FOLDER',
])

/** Whether an error with this code is a mistake in the words of the command line or in the configuration (exit code 2). */
export function isUsageCode(code: string): boolean {
  return code.startsWith('CONFIG_') || code.startsWith('USAGE_') || USAGE_CODES.has(code)
}
