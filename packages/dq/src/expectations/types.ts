import { parseType, type DataType } from '../data-type.ts'
import type { Compiled, CompileScope, ExpectationDefinition } from './definition.ts'
import { columnMissing, problem } from './problems.ts'
import { judgeRows, MOSTLY } from './row-judgement.ts'

/** Great Expectations on SQL looks at the declared type of the column, not at its values; so do we. */
export const beOfType: ExpectationDefinition = {
  type: 'expect_column_values_to_be_of_type',
  kind: 'column-map',
  dimension: 'schema',
  label: 'of_type',
  kwargs: { column: { type: 'column', required: true }, type_: { type: 'text', required: true }, ...MOSTLY },
  compile: (kwargs, scope) => compileType(String(kwargs['column']), [String(kwargs['type_'])], scope),
  judge: judgeRows,
}

export const beInTypeList: ExpectationDefinition = {
  type: 'expect_column_values_to_be_in_type_list',
  kind: 'column-map',
  dimension: 'schema',
  label: 'in_type_list',
  kwargs: { column: { type: 'column', required: true }, type_list: { type: 'texts', required: true }, ...MOSTLY },
  compile(kwargs, scope) {
    const list = kwargs['type_list']
    return compileType(String(kwargs['column']), Array.isArray(list) ? list.map(String) : undefined, scope)
  },
  judge: judgeRows,
}

function compileType(name: string, names: readonly string[] | undefined, scope: CompileScope): Compiled {
  const ref = scope.column(name)
  if (ref === undefined) return columnMissing(name, scope.columnNames)
  const wanted = names?.map((text) => parseType(text))
  const unknown = names?.find((_, index) => wanted?.[index] === undefined)
  // In a list, names of other engines do no harm as long as one is known here.
  if (unknown !== undefined && wanted?.every((type) => type === undefined) === true)
    return problem(
      'CHECK_TYPE',
      `${JSON.stringify(unknown)} is not a type of this engine`,
      'Use a name such as BIGINT or VARCHAR.',
    )
  const passed =
    names === undefined || wanted?.some((type, index) => isNamed(ref.type, type, names[index] ?? '')) === true
  return {
    kind: 'decided',
    judgement: {
      passed,
      observedValue: ref.type.text,
      message: `type of ${name}: ${ref.type.text}${passed ? '' : `, expected ${names.join(' or ')}`}`,
    },
  }
}

/** `DECIMAL` alone means any precision. */
function isNamed(actual: DataType, wanted: DataType | undefined, written: string): boolean {
  if (wanted === undefined) return false
  return (
    actual.text === wanted.text || (actual.name === wanted.name && actual.class === 'decimal' && !written.includes('('))
  )
}
