import type { Compiled, CompileScope, ExpectationDefinition, Kwargs } from './definition.ts'
import { columnMissing, problem } from './problems.ts'
import { judgeRows, MOSTLY } from './row-judgement.ts'
import { namedType } from './type-names.ts'

/** Great Expectations on SQL looks at the declared type of the column, not at its values; so do we. */
export const beOfType: ExpectationDefinition = {
  type: 'expect_column_values_to_be_of_type',
  kind: 'column-map',
  dimension: 'schema',
  label: 'of_type',
  kwargs: { column: { type: 'column', required: true }, type_: { type: 'text', required: true }, ...MOSTLY },
  compile: compileOneType,
  judge: judgeRows,
}

/** The same question, which Great Expectations asks under a second name since 1.20. */
export const typeToBe: ExpectationDefinition = {
  type: 'expect_column_type_to_be',
  kind: 'column-aggregate',
  dimension: 'schema',
  label: 'type',
  kwargs: { column: { type: 'column', required: true }, type_: { type: 'text', required: true } },
  compile: compileOneType,
  judge: judgeRows,
}

/** No list is vacuously true. Names of other engines do no harm as long as one of the list is known. */
export const beInTypeList: ExpectationDefinition = {
  type: 'expect_column_values_to_be_in_type_list',
  kind: 'column-map',
  dimension: 'schema',
  label: 'in_type_list',
  kwargs: { column: { type: 'column', required: true }, type_list: { type: 'texts', required: true }, ...MOSTLY },
  compile(kwargs, scope) {
    const list = kwargs['type_list']
    return compileTypes(String(kwargs['column']), Array.isArray(list) ? list.map(String) : undefined, scope)
  },
  judge: judgeRows,
}

function compileOneType(kwargs: Kwargs, scope: CompileScope): Compiled {
  return compileTypes(String(kwargs['column']), [String(kwargs['type_'])], scope)
}

function compileTypes(name: string, names: readonly string[] | undefined, scope: CompileScope): Compiled {
  const ref = scope.column(name)
  if (ref === undefined) return columnMissing(name, scope.columnNames)
  const known = names?.map((text) => namedType(text))
  if (names !== undefined && known?.every((type) => type === undefined) === true)
    return problem(
      'CHECK_TYPE',
      names.length === 0 ? 'type_list names no type' : `${JSON.stringify(names[0])} is not a type that is known here`,
      'Use a name such as BIGINT, VARCHAR or DECIMAL(18,2).',
    )
  const passed = known === undefined || known.some((type) => type?.matches(ref.type) === true)
  return {
    kind: 'decided',
    judgement: {
      passed,
      observedValue: ref.type.text,
      message: `type of ${name}: ${ref.type.text}${passed ? '' : `, expected ${names?.join(' or ') ?? ''}`}`,
    },
  }
}
