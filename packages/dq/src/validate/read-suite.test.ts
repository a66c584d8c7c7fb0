import { expect, test } from 'vitest'
import { importGxSuite } from '../formats/gx/gx-contract.ts'
import { readSuite } from './read-suite.ts'

const NOT_NULL = { type: 'expect_column_values_to_not_be_null', kwargs: { column: 'x' } }

test.each([
  [{ condition: 'x > 1' }, 'expectations[1].condition', 'Did you mean kwargs.row_condition?'],
  [{ mostly: 0.5 }, 'expectations[1].mostly', 'Did you mean kwargs.mostly?'],
  [{ colum: 'x' }, 'expectations[1].colum', 'Did you mean kwargs.column?'],
  [{ severty: 'info' }, 'expectations[1].severty', 'Did you mean severity?'],
  [{ severity: 'fatal' }, 'expectations[1].severity', 'critical, warning or info'],
  [{ severity: 3 }, 'expectations[1].severity', '3 is no severity'],
  [{ meta: { tidegate: { severity: 'fatal' } } }, 'expectations[1].meta.tidegate.severity', 'no severity'],
  [{ fail: 5 }, 'expectations[1].fail', '5 is no limit'],
  [{ warn: { rows: 5 } }, 'expectations[1].warn', 'no limit'],
  [{ 'a\n\u001b[2J"; DROP TABLE t': 1 }, 'expectations[1]: an expectation has no key "a\\n\\u001b', 'Remove it'],
])('what would have no effect is refused with its place: %j', (more, place, hint) => {
  const list = [NOT_NULL, { ...NOT_NULL, ...more }]
  const contract = { contract: 'c', version: 1, schema: { columns: {} }, expectations: list }
  for (const suite of [list, { name: 's', expectations: list }, contract]) {
    const read = (): unknown => readSuite(suite as never)
    expect(read).toThrow(expect.objectContaining({ code: 'CHECK_SUITE' }))
    expect(read).toThrow(place)
    expect(read).toThrow(hint)
  }
})

test('all of it is told at once', () => {
  const list = [
    { ...NOT_NULL, severity: 'fatal', condition: 'x' },
    { ...NOT_NULL, mostly: 1 },
  ]
  expect(() => readSuite(list as never)).toThrow(/\[0\]\.condition.*\n.*\[0\]\.severity.*\n.*\[1\]\.mostly/)
})

test('what Great Expectations writes beside type and kwargs is fine', () => {
  const theirs = {
    meta: {},
    id: 'b3f1',
    ge_cloud_id: 'b3f1',
    notes: 'n',
    description: 'd',
    severity: 'warning',
    rendered_content: [],
    expectation_context: { description: 'e' },
    success_on_last_run: true,
    windows: null,
    catch_exceptions: false,
  }
  const { contract } = readSuite({ name: 's', expectations: [{ ...NOT_NULL, ...theirs }] })
  expect(contract.expectations).toMatchObject([{ severity: 'warning' }])
  const old = { expectation_type: NOT_NULL.type, kwargs: NOT_NULL.kwargs, meta: {}, severity: null }
  expect(readSuite({ expectation_suite_name: 's', expectations: [old] }).generation).toBe('0.18')
})

test('fail and warn of an item are its limits', () => {
  const limits = { fail: { fraction: 0.1 }, warn: { count: 1 } }
  const [expectation] = readSuite([{ ...NOT_NULL, ...limits }]).contract.expectations
  expect(expectation).toEqual({ ...NOT_NULL, ...limits })
})

test('an import tells of the same and keeps it', () => {
  const item = { ...NOT_NULL, condition: 'x > 1', fail: 5, severity: 'fatal' }
  const { contract, notes } = importGxSuite({ name: 's', expectations: [item] })
  expect(notes.map(({ kind, path }) => [kind, path])).toEqual([
    ['kept-in-meta', 'expectations[0].condition'],
    ['kept-in-meta', 'expectations[0].fail'],
    ['changed', 'expectations[0].severity'],
  ])
  expect(notes[0]?.message).toContain('Did you mean kwargs.row_condition?')
  expect(contract.expectations).toEqual([{ ...NOT_NULL, meta: { gx: { condition: 'x > 1', fail: 5 } } }])
})
