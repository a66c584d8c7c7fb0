import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Contract, JsonValue } from '@tidegate/core'
import { parseContract } from './parse-contract.ts'
import { renderContract } from './render-contract.ts'

const DESIGN = `contract: flights
version: 1
file: { name: "flights-*.parquet", min_bytes: 1 }
schema: { columns: { delay: { type: BIGINT, nullable: true }, email: { type: VARCHAR, sensitive: mask } } }
expectations:
  - type: expect_column_values_to_be_between
    kwargs: { column: delay, min_value: -120, max_value: 1800, mostly: 0.999 }
    severity: critical
gate: { threshold: 95 }
`

describe('parseContract', () => {
  test('reads the contract of the design', () => {
    expect(parseContract(DESIGN, 'flights.yaml')).toEqual({
      kind: 'ok',
      warnings: [],
      contract: {
        contract: 'flights',
        version: 1,
        file: { name: 'flights-*.parquet', min_bytes: 1 },
        schema: {
          columns: { delay: { type: 'BIGINT', nullable: true }, email: { type: 'VARCHAR', sensitive: 'mask' } },
        },
        expectations: [
          {
            type: 'expect_column_values_to_be_between',
            kwargs: { column: 'delay', min_value: -120, max_value: 1800, mostly: 0.999 },
            severity: 'critical',
          },
        ],
        gate: { threshold: 95 },
      },
    })
  })

  test('what may be left out comes back empty', () => {
    expect(parseContract('contract: a\nversion: 3\nexpectations:\n- type: expect_x\n', 'a.yaml')).toMatchObject({
      contract: { version: 3, schema: { columns: {} }, expectations: [{ type: 'expect_x', kwargs: {} }] },
    })
  })

  test('integers beyond 2^53 keep their digits as texts, and null stays an argument', () => {
    const text =
      'contract: a\nversion: 1\nexpectations:\n- type: t\n  kwargs: { min_value: 9007199254740993, max_value: null }\n'
    expect(parseContract(text, 'a.yaml')).toMatchObject({
      contract: { expectations: [{ kwargs: { min_value: '9007199254740993', max_value: null } }] },
    })
  })

  test('all problems come at once, at their places', () => {
    const text = `contract: a
version: 0
schema: { columns: { x: { typ: BIGINT } } }
expectations:
  - expectation_type: t
    severity: critcal
    id: same
  - type: t
    kwargs: [1]
    id: same
`
    const result = parseContract(text, 'a.yaml')
    expect(result.kind === 'problems' ? result.problems.map(({ code, line, hint }) => [code, line, hint]) : []).toEqual(
      [
        ['CONFIG_VALUE', 2, undefined],
        ['CONFIG_MISSING_KEY', 3, 'Add `type:` under `schema.columns.x`.'],
        ['CONFIG_UNKNOWN_KEY', 3, 'Did you mean `type`?'],
        ['CONFIG_MISSING_KEY', 5, 'Add `type:` under `expectations.0`.'],
        ['CONFIG_UNKNOWN_KEY', 5, expect.any(String)],
        ['CONFIG_VALUE', 6, 'Did you mean `critical`?'],
        ['CONFIG_TYPE', 9, undefined],
        ['CONFIG_VALUE', 10, expect.any(String)],
      ],
    )
  })

  test('limits of unexpected rows are read, and checked', () => {
    const limits = (fail: string): string =>
      `contract: a\nversion: 1\nexpectations:\n- type: t\n  fail: ${fail}\n  warn: { count: 3 }\n`
    expect(parseContract(limits('{ fraction: 0.01 }'), 'a.yaml')).toMatchObject({
      contract: { expectations: [{ fail: { fraction: 0.01 }, warn: { count: 3 } }] },
    })
    const problems = (fail: string): readonly unknown[] => {
      const result = parseContract(limits(fail), 'a.yaml')
      return result.kind === 'problems' ? result.problems.map(({ code, line }) => [code, line]) : []
    }
    expect(problems('{ fraction: 2 }')).toEqual([['CONFIG_VALUE', 5]])
    expect(problems('{ count: 1.5 }')).toEqual([[expect.stringMatching(/^CONFIG_/), 5]])
    expect(problems('{ percent: 2 }')).toEqual([['CONFIG_UNKNOWN_KEY', 5]])
    expect(problems('3')).toEqual([['CONFIG_TYPE', 5]])
  })

  test('a dollar sign is a dollar sign', () => {
    const text = 'contract: a\nversion: 1\nexpectations:\n- type: t\n  kwargs: { regex: "^${x}$" }\n'
    expect(parseContract(text, 'a.yaml')).toMatchObject({
      contract: { expectations: [{ kwargs: { regex: '^${x}$' } }] },
    })
  })
})

test('parameters read back, also null and under names of any kind', () => {
  const parameters = { most: 9, none: null, "a: '#\n": ['x', null, { deep: true }] }
  const contract: Contract = { contract: 'c', version: 1, schema: { columns: {} }, expectations: [], parameters }
  const text = renderContract(contract, { comments: new Map([['parameters', 'For all checks.']]) })
  expect(text).toContain('# For all checks.\nparameters:\n  most: 9\n')
  expect(parseContract(text, 'c.yaml')).toMatchObject({ kind: 'ok', contract })
})

describe('renderContract', () => {
  test('writes one fact per line, arguments in flow style', () => {
    const parsed = parseContract(DESIGN, 'a.yaml')
    if (parsed.kind !== 'ok') throw new Error('not read')
    const comments = new Map([
      ['schema.columns.email', 'looks like e-mails'],
      ['expectations.0', 'seen: -12 to 900'],
    ])
    expect(renderContract(parsed.contract, { header: 'Learned from 3 files.', comments })).toBe(`# Learned from 3 files.
contract: flights
version: 1
file: { name: "flights-*.parquet", min_bytes: 1 }
schema:
  columns:
    delay: { type: BIGINT, nullable: true }
    # looks like e-mails
    email: { type: VARCHAR, sensitive: mask }
expectations:
  # seen: -12 to 900
  - type: expect_column_values_to_be_between
    kwargs: { column: delay, min_value: -120, max_value: 1800, mostly: 0.999 }
    severity: critical
gate: { threshold: 95 }
`)
  })

  test('comments cannot break out of their line', () => {
    const contract: Contract = { contract: 'a', version: 1, schema: { columns: {} }, expectations: [] }
    const text = renderContract(contract, { header: 'x\ncontract: evil\u2028version: 9\r\u0000', comments: new Map() })
    expect(parseContract(text, 'a.yaml')).toEqual({ kind: 'ok', warnings: [], contract })
  })

  test('any contract reads back exactly', () => {
    fc.assert(
      fc.property(contracts(), (contract) => {
        const text = renderContract(contract, { header: 'h' })
        const result = parseContract(text, 'a.yaml')
        expect(result).toEqual({ kind: 'ok', warnings: [], contract })
      }),
      { numRuns: 150 },
    )
  })

  test.each([
    'yes',
    'No',
    'null',
    '~',
    '1',
    '1.0',
    '0x10',
    '1e3',
    '.inf',
    'a: b',
    'a #b',
    '#',
    '- a',
    '<<',
    '=',
    '!t',
    '&a',
    '*a',
    '%',
    '@',
    '`',
    '"',
    "'",
    ' a ',
    '',
    'a\nb',
    '\ttab',
    '\u0085',
    '\u2028',
    '\uFEFF',
    '\uD800',
    '😀',
    '{',
    '[x]',
    ',',
    '? ',
    '__proto__',
    'constructor',
    'x'.repeat(3000),
  ])('the text %j survives as a name, a value and a column', (text) => {
    const contract: Contract = {
      contract: text === '' ? 'x' : text,
      version: 1,
      description: text,
      schema: { columns: record([[text, { type: 'VARCHAR' }]]) },
      expectations: [
        {
          type: 't',
          kwargs: record<JsonValue>([
            [text, text],
            ['list', [text, { [`k${text}`]: text }]],
          ]),
        },
      ],
    }
    expect(parseContract(renderContract(contract), 'a.yaml')).toEqual({ kind: 'ok', warnings: [], contract })
  })

  test.each([0, -0, 1e21, 1e20, 2 ** 53, -(2 ** 60), 5e-324, 0.1, 123456789.125, -1.5e300])(
    'the number %d survives',
    (value) => {
      const contract: Contract = {
        contract: 'a',
        version: 1,
        schema: { columns: {} },
        expectations: [{ type: 't', kwargs: { value } }],
      }
      expect(parseContract(renderContract(contract), 'a.yaml')).toMatchObject({
        contract: { expectations: [{ kwargs: { value } }] },
      })
    },
  )
})

/** An object with these own keys, `__proto__` included. */
function record<T>(entries: readonly (readonly [string, T])[]): Record<string, T> {
  const result: Record<string, T> = {}
  for (const [key, value] of entries) {
    Object.defineProperty(result, key, { value, enumerable: true, configurable: true, writable: true })
  }
  return result
}

function contracts(): fc.Arbitrary<Contract> {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('yes', '1', 'a: b', '*', ''),
  )
  const name = text.filter((value) => value !== '')
  const { value: json } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      text,
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.maxSafeInteger(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(text, tie('value'), { maxKeys: 3, noNullPrototype: true }),
    ),
  }))
  const column = fc.record(
    {
      type: name,
      nullable: fc.boolean(),
      required: fc.boolean(),
      sensitive: fc.constantFrom('mask' as const, 'hash' as const, 'drop' as const),
    },
    { requiredKeys: ['type'], noNullPrototype: true },
  )
  const kwargs = fc.dictionary(text, json, { maxKeys: 4, noNullPrototype: true })
  const limit = fc.record(
    { count: fc.nat(), fraction: fc.double({ min: 0, max: 1, noNaN: true }) },
    { requiredKeys: [], noNullPrototype: true },
  )
  const expectation = fc.record(
    {
      type: name,
      kwargs,
      severity: fc.constantFrom('critical' as const, 'warning' as const, 'info' as const),
      fail: limit,
      warn: limit,
      meta: kwargs,
    },
    { requiredKeys: ['type', 'kwargs'], noNullPrototype: true },
  )
  return fc.record(
    {
      contract: name,
      version: fc.integer({ min: 1 }),
      description: text,
      file: fc.record({ name, min_bytes: fc.nat() }, { requiredKeys: [], noNullPrototype: true }),
      schema: fc.record(
        { columns: fc.dictionary(text, column, { maxKeys: 5, noNullPrototype: true }) },
        { noNullPrototype: true },
      ),
      expectations: fc.array(expectation, { maxLength: 4 }),
      gate: fc.record({ threshold: fc.double({ min: 0, max: 100, noNaN: true }) }, { noNullPrototype: true }),
    },
    { requiredKeys: ['contract', 'version', 'schema', 'expectations'], noNullPrototype: true },
  ) as fc.Arbitrary<Contract>
}
