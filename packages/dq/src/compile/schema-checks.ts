import type { ColumnSchema, Contract, ContractColumn } from '@tidegate/core'
import { columnRef } from '../expression/column-ref.ts'
import type { CompiledCheck } from './compiled-contract.ts'
import { isAssignable, parseType } from '../expression/data-type.ts'
import { isNull } from '../expression/expression.ts'
import type { Compiled, Judgement } from '../expectations/definition.ts'

/**
 * What the contract's schema asks, without an expectation being written: the column is there (`schema:<column>:missing`,
 * answered only when it is not), its type fits (`schema:<column>:type`), it has no NULLs where `nullable: false`
 * (`schema:<column>:nullable`), and its texts could be read as its type (`schema:<column>:misfit`, text formats only).
 * All of them are critical. The schema speaks of what is stored: here NaN is a value, and only NULL is NULL.
 */
export function schemaChecks(contract: Contract, columns: readonly ColumnSchema[]): readonly CompiledCheck[] {
  const actual = new Map(columns.map((column) => [column.name, column.type]))
  return Object.entries(contract.schema.columns).flatMap(([name, column]) =>
    columnChecks(name, column, actual.get(name)),
  )
}

function columnChecks(name: string, column: ContractColumn, actual: string | undefined): readonly CompiledCheck[] {
  if (actual === undefined) {
    if (column.required === false) return []
    return [check(name, 'missing', decided({ passed: false, message: `column ${name} is missing` }))]
  }
  const checks = [check(name, 'type', typeAnswer(name, column.type, actual))]
  const type = parseType(actual)
  if (type === undefined) return checks
  const ref = columnRef(name, type)
  if (column.nullable === false) {
    checks.push(
      check(name, 'nullable', {
        kind: 'measured',
        description: `${name} not null`,
        violated: isNull(ref.raw),
        metrics: { elements: { kind: 'rows' }, expected: { kind: 'present', of: ref.raw } },
      }),
    )
  }
  // Every text fits a text column.
  if (type.name !== 'VARCHAR') {
    const violated = { op: 'misfit', column: name } as const
    checks.push(
      check(name, 'misfit', {
        kind: 'measured',
        description: `${name} readable as ${type.text}`,
        violated,
        metrics: { elements: { kind: 'rows' }, unexpected: { kind: 'count', where: violated } },
      }),
    )
  }
  return checks
}

function typeAnswer(name: string, declared: string, actual: string): Compiled {
  if (parseType(declared) === undefined)
    return {
      kind: 'problem',
      problem: {
        code: 'CHECK_TYPE',
        message: `the contract's type ${JSON.stringify(declared)} of ${name} is not known`,
      },
    }
  const passed = isAssignable(actual, declared)
  const message = passed ? `type of ${name}: ${actual}` : `type of ${name}: ${actual} does not fit ${declared}`
  return decided({ passed, observedValue: actual, message })
}

function decided(judgement: Judgement): Compiled {
  return { kind: 'decided', judgement }
}

function check(name: string, rule: 'missing' | 'type' | 'nullable' | 'misfit', answer: Compiled): CompiledCheck {
  return {
    id: `schema:${name}:${rule}`,
    type: 'schema',
    columns: [name],
    severity: 'critical',
    dimension: rule === 'misfit' ? 'validity' : rule === 'nullable' ? 'completeness' : 'schema',
    index: undefined,
    kwargs: {},
    answer,
  }
}
