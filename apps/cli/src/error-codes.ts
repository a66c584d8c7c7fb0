import { API_CODES } from './error-codes/api.ts'
import { CHECK_CODES } from './error-codes/checks.ts'
import { COMMAND_LINE_CODES } from './error-codes/command-line.ts'
import { CONFIGURATION_CODES } from './error-codes/configuration.ts'
import { ENGINE_CODES } from './error-codes/engine.ts'
import { FILE_CODES } from './error-codes/files.ts'
import { HTTP_CODES } from './error-codes/http.ts'
import { POSTGRES_CODES } from './error-codes/postgres.ts'
import { TARGET_CODES } from './error-codes/targets.ts'
import type { CodeTexts } from './error-codes/code-texts.ts'

/**
 * Every code that is not a finding of the parquet package: what it means for the data, and what to do. A test asks that each
 * code in the sources has its line in one of these tables, and in one only. Codes are never renamed.
 */
export const ERROR_CODES: CodeTexts = {
  ...CONFIGURATION_CODES,
  ...CHECK_CODES,
  ...FILE_CODES,
  ...TARGET_CODES,
  ...POSTGRES_CODES,
  ...ENGINE_CODES,
  ...COMMAND_LINE_CODES,
  ...HTTP_CODES,
  ...API_CODES,
}
