import { closest } from '../compile/closest.ts'
import type { Compiled } from './definition.ts'

export function problem(code: string, message: string, hint?: string): Compiled {
  return { kind: 'problem', problem: { code, message, hint } }
}

export function columnMissing(name: string, columnNames: readonly string[]): Compiled {
  const suggestion = closest(name, columnNames)
  return problem(
    'CHECK_COLUMN_MISSING',
    `the data has no column ${JSON.stringify(name)}`,
    suggestion === undefined ? 'Correct the column, or remove the expectation.' : `Did you mean ${suggestion}?`,
  )
}
