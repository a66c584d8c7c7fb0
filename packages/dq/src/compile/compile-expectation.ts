import type { Expectation } from '@tidegate/core'
import { expectationColumns } from './check-ids.ts'
import { closest } from './closest.ts'
import type { CompiledCheck } from './compiled-contract.ts'
import type { CheckProblem, Compiled, CompileScope, ExpectationDefinition, Kwargs } from '../expectations/definition.ts'
import { REGISTRY, type Registry } from '../expectations/registry.ts'
import { limitProblem, limitsOf, type CheckLimits } from '../limits/decide-limits.ts'
import { parseKwargs } from './parse-kwargs.ts'
import { parseRowCondition } from '../row-condition/parse-row-condition.ts'
import { restrict } from '../row-condition/restrict.ts'
import type { ParameterScope } from '../suite-parameters/evaluate-parameter.ts'
import { resolveParameters } from '../suite-parameters/resolve-parameters.ts'

/** What expectations are compiled with, beside the columns. */
export interface ExpectationContext {
  readonly scope: CompileScope
  readonly registry: Registry
  readonly parameters: ParameterScope
}

export function expectationContext(scope: CompileScope, context: Partial<ExpectationContext> = {}): ExpectationContext {
  const { registry = REGISTRY, parameters = { parameters: {}, nowMs: undefined } } = context
  return { scope, registry, parameters }
}

/** One expectation met the columns. Of several problems, the check keeps the first. */
export function compileExpectation(
  expectation: Expectation,
  index: number,
  id: string,
  context: ExpectationContext,
): CompiledCheck {
  const { definition, columns, kwargs, answer, limits } = compiled(expectation, context)
  return {
    id,
    index,
    type: expectation.type,
    columns,
    severity: expectation.severity ?? 'critical',
    dimension: definition?.dimension ?? 'validity',
    kwargs,
    answer,
    ...(limits === undefined ? {} : { limits }),
  }
}

/** A problem, and whether it is only that a suite parameter has no value yet. */
export type ExpectationProblem = CheckProblem & { readonly missing?: boolean | undefined }

/** Every problem of one expectation. */
export function expectationProblems(
  expectation: Expectation,
  context: ExpectationContext,
): readonly ExpectationProblem[] {
  return compiled(expectation, context).problems
}

interface CompiledExpectation {
  readonly definition: ExpectationDefinition | undefined
  readonly columns: readonly string[]
  readonly kwargs: Kwargs
  readonly answer: Compiled
  readonly problems: readonly ExpectationProblem[]
  readonly limits: CheckLimits | undefined
}

function compiled(expectation: Expectation, { scope, registry, parameters }: ExpectationContext): CompiledExpectation {
  const definition = registry.find(expectation.type)
  const limits = limitsOf(expectation)
  const given = resolveParameters(expectation.kwargs, parameters)
  const base = { definition, columns: expectationColumns({ kwargs: given.kwargs }), limits }
  const broken = (problems: readonly ExpectationProblem[], kwargs: Kwargs = {}): CompiledExpectation => {
    const [problem = { code: 'CHECK_UNKNOWN', message: 'not known' }] = problems
    return { ...base, kwargs, problems, answer: { kind: 'problem', problem } }
  }
  if (definition === undefined) return broken([unknownType(expectation.type, registry)])
  // Arguments that are not known yet cannot be judged, and those that are not known at all would only repeat it.
  if (given.problems.length > 0) return broken(given.problems)
  const { kwargs, problems } = parseKwargs(definition, given.kwargs)
  const condition = parseRowCondition(given.kwargs['row_condition'], given.kwargs['condition_parser'], scope)
  const wrong = [...problems, ...(condition.kind === 'problem' ? [condition.problem] : [])]
  if (wrong.length > 0) return broken(wrong, kwargs)
  const whole = definition.compile(kwargs, scope)
  const limited = limits === undefined ? undefined : limitProblem(limits, definition, whole)
  if (limited !== undefined) return broken([limited], kwargs)
  if (whole.kind === 'problem') return broken([whole.problem], kwargs)
  const answer =
    condition.kind === 'condition' ? described(restrict(whole, condition.condition), condition.text) : whole
  return { ...base, kwargs, answer, problems: [] }
}

/** `delay between 0 and 9 where origin = 'JFK'`. */
function described(answer: Compiled, condition: string): Compiled {
  if (answer.kind !== 'measured') return answer
  const line = condition.replaceAll(/\s+/g, ' ').trim()
  const text = line.length > 80 ? `${line.slice(0, 80)}…` : line
  return { ...answer, description: `${answer.description} where ${text}` }
}

function unknownType(type: string, registry: Registry): CheckProblem {
  const suggestion = closest(type, registry.answered)
  return {
    code: 'CHECK_UNKNOWN',
    message: `there is no expectation ${JSON.stringify(type)}`,
    hint:
      suggestion === undefined ? 'See the list of expectations in the documentation.' : `Did you mean ${suggestion}?`,
  }
}
