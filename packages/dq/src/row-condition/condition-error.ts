import type { CheckProblem } from '../expectations/definition.ts'

/** A condition that cannot be understood, or not with these columns. Never leaves this folder: `parseRowCondition` turns it into a problem. */
export class ConditionError extends Error {
  override readonly name = 'ConditionError'
  readonly code: string
  readonly hint: string | undefined
  /** Index of the character where it is seen; undefined where the condition is no text. */
  readonly at: number | undefined
  /** SQL only: not wrong as far as it was read, but more than this parser knows. */
  readonly beyond: boolean

  constructor(
    message: string,
    at: number | undefined,
    options: { readonly code?: string; readonly hint?: string | undefined; readonly beyond?: boolean } = {},
  ) {
    super(message)
    this.code = options.code ?? 'CHECK_CONDITION'
    this.hint = options.hint
    this.at = at
    this.beyond = options.beyond ?? false
  }
}

/** The problem with its place: `row_condition: expected a value at character 9 (… >  ⟪and⟫ b)`. */
export function conditionProblem(error: ConditionError, text: string | undefined): CheckProblem {
  const place = text === undefined || error.at === undefined ? '' : ` at ${placeText(text, error.at)}`
  return { code: error.code, message: `row_condition: ${error.message}${place}`, hint: error.hint }
}

function placeText(text: string, at: number): string {
  const shown = text.slice(at, at + 20).replaceAll(/\s+/g, ' ')
  const place = `character ${at + 1}`
  return shown.trim() === '' ? `${place}, the end` : `${place}: ${JSON.stringify(shown)}`
}
