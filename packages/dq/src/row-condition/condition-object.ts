import { isMap, type JsonMap } from '../json-map.ts'
import type { JsonValue } from '@tidegate/core'
import type { Comparison } from '../expression/expression.ts'
import { ConditionError } from './condition-error.ts'
import { negated, type ConditionNode } from './condition-node.ts'
import { parseCondition, type ConditionLanguage } from './parse-condition.ts'

/**
 * A condition as Great Expectations 1.x serialises it: `comparison` {column: {name}, operator, parameter}, `nullity`
 * {column, is_null}, `and` / `or` {conditions}, `pass_through` {pass_through_filter}, which holds a text in `language`.
 * @throws ConditionError
 */
export function conditionOfObject(value: JsonMap, language: ConditionLanguage, depth = 0): ConditionNode {
  if (depth > 100) throw new ConditionError('conditions are nested too deeply', undefined)
  switch (value['type']) {
    case 'comparison':
      return comparisonOf(value)
    case 'nullity': {
      const item = columnOf(value)
      if (typeof value['is_null'] !== 'boolean') throw new ConditionError('is_null must be true or false', undefined)
      const node: ConditionNode = { kind: 'is-null', item, at: undefined }
      return value['is_null'] ? node : negated(node)
    }
    case 'and':
    case 'or': {
      const { conditions, type } = value
      if (!Array.isArray(conditions) || conditions.length === 0)
        throw new ConditionError(`${type} needs a list of conditions`, undefined)
      const items = conditions.map((item: JsonValue) => {
        if (!isMap(item)) throw new ConditionError(`${type} holds something that is no condition`, undefined)
        return conditionOfObject(item, language, depth + 1)
      })
      return { kind: 'logic', operator: type, items, at: undefined }
    }
    case 'pass_through': {
      const text = value['pass_through_filter']
      if (typeof text !== 'string') throw new ConditionError('pass_through_filter must be a text', undefined)
      return parseCondition(text, language)
    }
    default:
      throw new ConditionError(`${JSON.stringify(value['type'] ?? null)} is no type of condition`, undefined, {
        hint: 'Known are comparison, nullity, and, or, pass_through.',
      })
  }
}

function comparisonOf(value: JsonMap): ConditionNode {
  const item = columnOf(value)
  const { operator: written, parameter } = value
  if (parameter === null || parameter === undefined)
    throw new ConditionError('a comparison needs a parameter', undefined, {
      hint: 'Use {"type": "nullity", "column": …, "is_null": true} to look for NULL.',
    })
  if (written === 'IN' || written === 'NOT_IN') {
    if (!Array.isArray(parameter)) throw new ConditionError(`${written} needs a list`, undefined)
    const node: ConditionNode = { kind: 'in', item, values: parameter.map(constantOf), at: undefined }
    return written === 'IN' ? node : negated(node)
  }
  const operator = typeof written === 'string' ? OPERATORS[written] : undefined
  if (operator === undefined)
    throw new ConditionError(`${JSON.stringify(written ?? null)} is no operator`, undefined, {
      hint: 'Known are ==, !=, <, <=, >, >=, IN, NOT_IN.',
    })
  return { kind: 'compare', operator, left: item, right: constantOf(parameter), at: undefined }
}

const OPERATORS: Readonly<Record<string, Comparison>> = {
  '==': '=',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
}

function columnOf(value: JsonMap): ConditionNode {
  const column = value['column']
  const name = isMap(column) ? column['name'] : column
  if (typeof name !== 'string') throw new ConditionError('a condition needs {"column": {"name": "…"}}', undefined)
  return { kind: 'column', name, bare: false, at: undefined }
}

function constantOf(value: JsonValue): ConditionNode {
  switch (typeof value) {
    case 'number':
      return { kind: 'number', text: String(value), at: undefined }
    case 'string':
      return { kind: 'text', text: value, at: undefined }
    case 'boolean':
      return { kind: 'boolean', value, at: undefined }
    default:
      throw new ConditionError('a parameter must be a number, a text, a boolean or a list of them', undefined)
  }
}
