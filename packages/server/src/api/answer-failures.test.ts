/** What a handler throws, and what the caller hears of it. */
import { TidegateError } from '@tidegate/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { openTestApi, type TestApi } from '../testing/test-api.ts'
import { route } from './route.ts'

let failure: Error
const failing = route({
  method: 'GET',
  path: '/api/v1/fail',
  operationId: 'fail',
  isPersonal: true,
  tag: 'tests',
  summary: 'Fails',
  scope: 'read',
  replies: { 200: { description: 'Never.', schema: z.string() } },
  problems: { 404: ['RUN_UNKNOWN'], 422: ['INGESTION_INVALID', 'STATE_SCHEMA'] },
  handle: async () => {
    throw failure
  },
})

let api: TestApi
beforeAll(async () => {
  api = await openTestApi({ routes: [failing] })
})
afterAll(() => api.close())

const MESSAGE = 'postgres://admin:hunter2@db/x did not answer'

test.for([
  ['RUN_UNKNOWN', false, 404],
  ['INGESTION_INVALID', true, 422],
] as const)('%s, which the route declares, is told in full', async ([code, retryable, status]) => {
  failure = new TidegateError(code, 'There is none.', { hint: 'Look again.', dataNow: 'Nothing changed.', retryable })
  const answer = await api.ask('/api/v1/fail')
  expect(answer.statusCode).toBe(status)
  expect(answer.json()).toMatchObject({
    code,
    detail: 'There is none.',
    hint: 'Look again.',
    dataNow: 'Nothing changed.',
  })
})

test.for([
  ['STATE_BUSY', true, 503, '1'],
  // A full disk is nobody's bug: when there is room again the daemon goes on by itself.
  ['STATE_FULL', false, 503, '30'],
  ['STATE_CORRUPT', false, 500, undefined],
] as const)(
  '%s, which no route declares, is answered %o %i without its words',
  async ([code, retryable, status, wait]) => {
    failure = new TidegateError(code, MESSAGE, { hint: MESSAGE, dataNow: 'Nothing was written.', retryable })
    const answer = await api.ask('/api/v1/fail')
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([status, wait])
    expect(answer.json()).toMatchObject({ code, status, dataNow: 'Nothing was written.' })
    expect(answer.body).not.toContain('hunter2')
    expect(api.log()).toContain(code)
  },
)
