import { TidegateError, type Cell, type Dimension, type JsonValue } from '@tidegate/core'
import { textOf, type ColumnRef } from './expression/column-ref.ts'
import type {
  Compiled,
  CompileScope,
  ExpectationDefinition,
  ExpectationKind,
  Kwargs,
  KwargSpec,
} from './expectations/definition.ts'
import { columnMissing, problem } from './expectations/problems.ts'
import { judgeRows, MOSTLY, unexpectedMetrics } from './expectations/row-judgement.ts'
import { and, FALSE, not, or, type Expression } from './expression/expression.ts'

/** What every expectation of one's own says of itself. */
interface Described {
  /** Its name, e.g. `expect_column_values_to_be_valid_iban`. */
  readonly type: string
  /** Arguments besides `column` (or `column_list`), `mostly` and `row_condition`. */
  readonly kwargs?: Readonly<Record<string, KwargSpec>> | undefined
  /** @defaultValue 'validity' */
  readonly dimension?: Dimension | undefined
  /** Short word for ids: `iban` in `account:iban`. @defaultValue made from `type` */
  readonly label?: string | undefined
}

/** Rows hold if this is true for them. Missing values are not considered. */
export interface ConditionExpectation extends Described {
  /**
   * What must be true of a row: an expression, or SQL made of the quoted columns and arguments. The columns given are those
   * of `column` or `column_list`, in order.
   *
   * @example holds: ({ columns: [iban], sql }) => sql`length(${iban}) = 22`
   */
  readonly holds: (parts: ConditionParts) => Expression
  /** @defaultValue 'column': one column; 'columns': a list of them, rows where all are missing are not considered */
  readonly over?: 'column' | 'columns' | undefined
}

export interface ConditionParts {
  /** The values, NULL where missing; usable in expressions and in `sql`. */
  readonly columns: readonly Expression[]
  readonly kwargs: Kwargs
  /** SQL from a template: expressions are rendered and quoted, all other values become literals. */
  readonly sql: (texts: TemplateStringsArray, ...parts: readonly (Expression | JsonValue)[]) => Expression
}

/** The values' texts are put to a test in JavaScript, each distinct one once, in a worker with a time limit. */
export interface TestedExpectation extends Described {
  /** The module that exports the test: a package or a `file:` URL, e.g. `import.meta.resolve('./iban.js')`. */
  readonly module: string
  /** Name of an exported function `(text: string, kwargs) => boolean`. @defaultValue 'test' */
  readonly export?: string | undefined
}

/**
 * An expectation of one's own, for `validate(…, { plugins: [myExpectation] })` and for packages named with `--plugin`, which
 * export them as `expectations`.
 *
 * - with `holds`: a condition that the engine evaluates
 * - with `module`: a test of single values that JavaScript makes
 * - with `compile` and `judge`: anything else, see {@link ExpectationDefinition}
 *
 * @throws `CHECK_PLUGIN` if it is none of these or has no name
 */
export function defineExpectation(
  given: ConditionExpectation | TestedExpectation | ExpectationDefinition,
): ExpectationDefinition {
  if (typeof given.type !== 'string' || !/^[a-z][a-z0-9_]*$/i.test(given.type))
    throw pluginError(`${JSON.stringify(given.type ?? null)} is no name of an expectation`)
  if ('compile' in given && 'judge' in given) return given
  if ('holds' in given && typeof given.holds === 'function') return conditionDefinition(given)
  if ('module' in given && typeof given.module === 'string') return testedDefinition(given)
  throw pluginError(`the expectation ${given.type} has neither holds nor module nor compile`)
}

function conditionDefinition(given: ConditionExpectation): ExpectationDefinition {
  const several = given.over === 'columns'
  return {
    ...described(given, several ? 'multi-map' : 'column-map'),
    compile: (kwargs, scope) => {
      const found = columnRefs(several ? kwargs['column_list'] : [kwargs['column'] ?? null], scope)
      if (found.kind === 'problem') return found.problem
      const columns = found.refs.map((ref) => ref.value)
      return compileHolds(given.type, found.refs, given.holds({ columns, kwargs, sql }), several)
    },
    judge: judgeRows,
  }
}

function testedDefinition(given: TestedExpectation): ExpectationDefinition {
  return {
    ...described(given, 'column-map'),
    compile: (kwargs, scope) => {
      const ref = scope.column(String(kwargs['column']))
      if (ref === undefined) return columnMissing(String(kwargs['column']), scope.columnNames)
      const test = { kind: 'module', module: given.module, export: given.export ?? 'test', kwargs } as const
      return compileHolds(given.type, [ref], { op: 'passes', item: textOf(ref), test }, false)
    },
    judge: judgeRows,
  }
}

function described(given: Described, kind: ExpectationKind): Omit<ExpectationDefinition, 'compile' | 'judge'> {
  const columns: Readonly<Record<string, KwargSpec>> =
    kind === 'column-map'
      ? { column: { type: 'column', required: true } }
      : { column_list: { type: 'columns', required: true } }
  return {
    type: given.type,
    kind,
    dimension: given.dimension ?? 'validity',
    label: given.label ?? given.type.replace(/^expect_(column_values_)?(to_)?(be_)?/, '').slice(0, 40),
    kwargs: { ...columns, ...given.kwargs, ...MOSTLY },
  }
}

type Found =
  | { readonly kind: 'found'; readonly refs: readonly ColumnRef[] }
  | { readonly kind: 'problem'; readonly problem: Compiled }

function columnRefs(names: JsonValue | undefined, scope: CompileScope): Found {
  const refs: ColumnRef[] = []
  for (const name of Array.isArray(names) ? (names as readonly JsonValue[]) : []) {
    const ref = scope.column(String(name))
    if (ref === undefined) return { kind: 'problem', problem: columnMissing(String(name), scope.columnNames) }
    refs.push(ref)
  }
  if (refs.length === 0) return { kind: 'problem', problem: problem('CHECK_KWARG', 'column_list names no column') }
  return { kind: 'found', refs }
}

/** A condition that is NULL holds for nobody: the row is unexpected, like every row for which it is not true. */
function compileHolds(type: string, refs: readonly ColumnRef[], holds: Expression, several: boolean): Compiled {
  const considered = or(refs.map((ref) => not(ref.missing)))
  const violated = and([considered, not({ op: 'coalesce', items: [holds, FALSE] })])
  const shown: Expression = several
    ? { op: 'record', fields: refs.map((ref) => [ref.name, ref.value]) }
    : (refs[0]?.value ?? FALSE)
  return {
    kind: 'measured',
    description: `${type} of ${refs.map((ref) => ref.name).join(', ')}`,
    violated,
    metrics: {
      elements: { kind: 'rows' },
      considered: { kind: 'count', where: considered },
      ...unexpectedMetrics(shown, violated),
    },
  }
}

function sql(texts: TemplateStringsArray, ...parts: readonly (Expression | JsonValue)[]): Expression {
  return { op: 'template', texts: [...texts], parts: parts.map(expressionOf) }
}

/** Anything that is no expression is a value. */
function expressionOf(part: Expression | JsonValue): Expression {
  if (typeof part === 'object' && part !== null && 'op' in part) return part as Expression
  return { op: 'literal', value: part as Cell }
}

function pluginError(message: string): TidegateError {
  return new TidegateError('CHECK_PLUGIN', message, {
    hint: 'See defineExpectation in the README of @tidegate/dq: a type and one of holds, module, or compile and judge.',
  })
}
