import { describe, expect, test } from 'vitest'
import type { ColumnSchema, Contract } from '@tidegate/core'
import { duckdbDialect, openDuckDB } from '@tidegate/duckdb'
import { planTargetColumns, projectColumns } from './target-columns.ts'

/** `a BIGINT, b VARCHAR` as columns. */
function columns(text: string): ColumnSchema[] {
  return text === ''
    ? []
    : text.split(', ').map((part) => {
        const [name = '', type = ''] = part.split(' ')
        return { name, type }
      })
}

function contractOf(text: string): Contract {
  const entries = columns(text).map(({ name, type }) => [name, { type }] as const)
  return { contract: 'd', version: 1, schema: { columns: Object.fromEntries(entries) }, expectations: [] }
}

const EVOLUTION = {
  add_columns: { columns: 'add', types: 'widen', rescueColumn: '_rescued' },
  fail: { columns: 'fail', types: 'widen', rescueColumn: '_rescued' },
  ignore: { columns: 'ignore', types: 'widen', rescueColumn: '_rescued' },
} as const

function plan(
  current: string,
  contract: string | undefined,
  file: string,
  evolution: 'add_columns' | 'fail' | 'ignore',
): string {
  const declared = contract === undefined ? undefined : contractOf(contract)
  const result = planTargetColumns(columns(current), declared, columns(file), EVOLUTION[evolution])
  if (result.kind === 'refused') return result.code
  const added = result.added.length === 0 ? '' : ` +${result.added.join(' +')}`
  return `${result.columns.map(({ name, type }) => `${name} ${type}`).join(', ')}${added}`
}

describe('a fresh dataset', () => {
  test.each(['add_columns', 'fail', 'ignore'] as const)(
    'without a contract takes the file’s columns (%s)',
    (evolution) => {
      expect(plan('', undefined, 'a BIGINT, b VARCHAR', evolution)).toBe('a BIGINT, b VARCHAR')
    },
  )

  test('takes the types of its contract, also of columns that the file lacks', () => {
    expect(plan('', 'a BIGINT, c DATE', 'a INTEGER', 'add_columns')).toBe('a BIGINT, c DATE')
  })

  test.each([
    ['add_columns', 'a BIGINT, x VARCHAR +x'],
    ['fail', 'SCHEMA_EXTRA_COLUMN'],
    ['ignore', 'a BIGINT'],
  ] as const)('a column that the contract does not know: %s', (evolution, expected) => {
    expect(plan('', 'a BIGINT', 'a BIGINT, x VARCHAR', evolution)).toBe(expected)
  })
})

describe('a dataset with columns', () => {
  test.each([
    ['the same columns', 'a BIGINT, b VARCHAR', undefined, 'a BIGINT, b VARCHAR', 'add_columns', 'a BIGINT, b VARCHAR'],
    ['keeps its order', 'a BIGINT, b VARCHAR', undefined, 'b VARCHAR, a BIGINT', 'add_columns', 'a BIGINT, b VARCHAR'],
    [
      'new columns come last, in the file’s order',
      'b VARCHAR',
      undefined,
      'z DATE, b VARCHAR, y DATE',
      'add_columns',
      'b VARCHAR, z DATE, y DATE +z +y',
    ],
    ['an extra column is refused', 'b VARCHAR', undefined, 'b VARCHAR, y DATE', 'fail', 'SCHEMA_EXTRA_COLUMN'],
    ['an extra column is left out', 'b VARCHAR', undefined, 'b VARCHAR, y DATE', 'ignore', 'b VARCHAR'],
    ['a missing column stays', 'a BIGINT, b VARCHAR', undefined, 'b VARCHAR', 'fail', 'a BIGINT, b VARCHAR'],
    ['a narrower type fits', 'a BIGINT', undefined, 'a INTEGER', 'fail', 'a BIGINT'],
    ['a wider type widens the dataset', 'a INTEGER', undefined, 'a BIGINT', 'fail', 'a BIGINT'],
    ['types that do not fit are refused', 'a INTEGER', undefined, 'a VARCHAR', 'add_columns', 'SCHEMA_TYPE'],
    ['the contract’s type wins over the dataset’s', 'a INTEGER', 'a BIGINT', 'a INTEGER', 'fail', 'a BIGINT'],
    ['a type wider than the contract’s is refused', 'a INTEGER', 'a INTEGER', 'a BIGINT', 'add_columns', 'SCHEMA_TYPE'],
    ['case alone makes no new column', 'Delay BIGINT', undefined, 'delay BIGINT', 'fail', 'Delay BIGINT'],
  ] as const)('%s', (_name, current, contract, file, evolution, expected) => {
    expect(plan(current, contract, file, evolution)).toBe(expected)
  })

  test('the reason of a refusal quotes hostile names', () => {
    const result = planTargetColumns(columns('a BIGINT'), undefined, [{ name: 'x"\n', type: 'DATE' }], EVOLUTION.fail)
    expect(result).toMatchObject({ kind: 'refused', because: expect.stringContaining('"x\\"\\n"') })
  })
})

test('the projection has the dataset’s names, order and types, and NULL for what the file lacks', async () => {
  const session = await openDuckDB({ threads: 1 })
  try {
    const file: ColumnSchema[] = [
      { name: "'; DROP TABLE x; --", type: 'INTEGER' },
      { name: 'UPPER', type: 'VARCHAR' },
    ]
    const target: ColumnSchema[] = [
      { name: 'upper', type: 'VARCHAR' },
      { name: 'new\nline "q"', type: 'DATE' },
      { name: "'; DROP TABLE x; --", type: 'BIGINT' },
    ]
    const rows = 'SELECT 7::INTEGER AS "\'; DROP TABLE x; --", \'u\' AS "UPPER"'
    const result = await session.query(`SELECT ${projectColumns(target, file, duckdbDialect)} FROM (${rows})`)
    expect(result).toEqual({ columns: target, rows: [['u', null, 7]] })
  } finally {
    await session.close()
  }
})
