import type { Expectation } from '@tidegate/core'
import { findExpectation } from '../expectations/registry.ts'
import { parseKwargs } from '../compile/parse-kwargs.ts'
import { own, type FormatNote } from './format-note.ts'
import { isMap } from '../json-map.ts'

/** The checks of an imported contract that can only answer with an error, and why: they are there and never pass. */
export function troubleNotes(expectations: readonly Expectation[]): readonly FormatNote[] {
  return expectations.flatMap(({ type, kwargs }, index): readonly FormatNote[] => {
    const path = `expectations[${index}]`
    const definition = findExpectation(type)
    if (definition === undefined) {
      const message = `there is no expectation ${JSON.stringify(type)} here: the check answers with an error until a plug-in defines it`
      return [{ kind: 'changed', path, message }]
    }
    // What parameters stand for is not known before the check runs.
    const given = Object.entries(kwargs).filter(
      ([, value]) => !(isMap(value) && own(value, '$PARAMETER') !== undefined),
    )
    const missing = new Set(Object.keys(kwargs).filter((key) => !given.some(([name]) => name === key)))
    return parseKwargs(definition, Object.fromEntries(given))
      .problems.filter((problem) => ![...missing].some((name) => problem.message === `argument ${name} is missing`))
      .map((problem) => ({
        kind: 'changed',
        path,
        message: `${type}: ${problem.message}; the check answers with an error`,
      }))
  })
}
