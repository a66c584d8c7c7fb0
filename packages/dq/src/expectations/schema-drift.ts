import type { ColumnSchema } from '@tidegate/core'
import { parseType } from '../expression/data-type.ts'
import { classifySchemaDrift, SCHEMA_CHANGES, type SchemaChangeKind } from '../over-time/classify-schema-drift.ts'
import type { Compiled, CompileScope, ExpectationDefinition, Kwargs } from './definition.ts'
import { problem } from './problems.ts'
import { judgeRows } from './row-judgement.ts'

/**
 * The columns are those of the contract's schema, or those of `columns` ({name: type}), up to changes that break nobody who
 * reads them by name: added, narrowed, reordered. `allow` names the kinds that are allowed instead; [] allows none. All changes
 * are in the details.
 */
export const schemaNotDrift: ExpectationDefinition = {
  type: 'expect_table_schema_to_not_drift',
  kind: 'table',
  dimension: 'schema',
  label: 'drift',
  kwargs: { columns: { type: 'object' }, allow: { type: 'texts' } },
  compile: compileDrift,
  judge: judgeRows,
}

function compileDrift(kwargs: Kwargs, scope: CompileScope): Compiled {
  const before = expectedColumns(kwargs, scope)
  if ('kind' in before) return before
  const allow = Array.isArray(kwargs['allow']) ? kwargs['allow'].map(String) : undefined
  const unknown = allow?.find((kind) => !SCHEMA_CHANGES.includes(kind as SchemaChangeKind))
  if (unknown !== undefined)
    return problem(
      'CHECK_KWARG',
      `${JSON.stringify(unknown)} is no kind of change`,
      `Known are ${SCHEMA_CHANGES.join(', ')}.`,
    )
  const changes = classifySchemaDrift(before, scope.columns ?? [])
  const refused = changes.filter(({ kind, breaking }) => (allow === undefined ? breaking : !allow.includes(kind)))
  const told = refused.slice(0, 5).map(({ message }) => message)
  const more = refused.length > 5 ? ` and ${refused.length - 5} more` : ''
  const passed = refused.length === 0
  return {
    kind: 'decided',
    judgement: {
      passed,
      observedValue: changes.length,
      message: `schema: ${passed ? allowedText(changes.length) : `${told.join('; ')}${more}`}`,
      details: {
        changes: changes.map(({ kind, breaking, column, to, message }) => ({
          kind,
          breaking,
          column,
          message,
          ...(to === undefined ? {} : { to }),
        })),
      },
    },
  }
}

function allowedText(changes: number): string {
  return changes === 0 ? 'as expected' : `${changes} ${changes === 1 ? 'change' : 'changes'}, all allowed`
}

function expectedColumns(kwargs: Kwargs, scope: CompileScope): readonly ColumnSchema[] | Compiled {
  const given = kwargs['columns'] ?? null
  if (given === null) {
    const declared = scope.declared ?? []
    return declared.length > 0
      ? declared
      : problem('CHECK_KWARG', 'the contract declares no columns to compare with', 'Give columns: { name: TYPE }.')
  }
  const columns = Object.entries(given).map(([name, type]) => ({ name, type: typeof type === 'string' ? type : '' }))
  const wrong = columns.find(({ type }) => parseType(type) === undefined)
  if (wrong !== undefined)
    return problem(
      'CHECK_TYPE',
      `${JSON.stringify(wrong.type)} of ${wrong.name} is not a type`,
      'Use a type such as BIGINT or VARCHAR.',
    )
  if (columns.length === 0) return problem('CHECK_KWARG', 'columns is empty')
  return columns
}
