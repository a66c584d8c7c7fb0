import { readFileSync, writeFileSync } from 'node:fs'
import { Validator } from '@seriousme/openapi-schema-validator'
import { stringifyJson } from '@tidegate/core'
import { expect, test } from 'vitest'
import { apiRoutes } from '../routes/index.ts'
import { openTestApi } from '../testing/test-api.ts'
import { documentedRoutes } from './build-http-app.ts'
import { openApiDocument } from './openapi.ts'

const FILE = new URL('../../../../docs/openapi.json', import.meta.url)
const WRITE =
  'TIDEGATE_WRITE_OPENAPI=1 vitest run --config ../../vitest.config.ts --root . src/api/openapi-file.test.ts (in packages/server)'

const routes = documentedRoutes(apiRoutes())

test('docs/openapi.json is what the routes say', () => {
  const made = `${stringifyJson(openApiDocument(routes), 2)}\n`
  if (process.env['TIDEGATE_WRITE_OPENAPI'] !== undefined) writeFileSync(FILE, made)
  const written = readFileSync(FILE, 'utf8')
  // Not compared by expect: the difference would be thousands of lines.
  if (written !== made) throw new Error(`docs/openapi.json is not what the routes say. This writes it: ${WRITE}`)
})

test('the document is valid OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate({ ...openApiDocument(routes) })
  expect([valid, errors]).toEqual([true, undefined])
})

test('the document does not depend on the order of the routes', () => {
  const turned = stringifyJson(openApiDocument(routes.toReversed()))
  expect(JSON.parse(turned)).toEqual(JSON.parse(stringifyJson(openApiDocument(routes))))
})

test('operations have one name each, a scope, and a path parameter for each place in their path', () => {
  expect(new Set(routes.map(({ operationId }) => operationId)).size).toBe(routes.length)
  for (const { path, params, method, audit, scope, operationId } of routes) {
    const places = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')
    expect([operationId, Object.keys(params?.shape ?? {}).toSorted()]).toEqual([operationId, places.toSorted()])
    // What changes something needs more than to read, but for one's own session.
    if (audit !== undefined && tagOf(path) !== 'session')
      expect([operationId, scope]).not.toEqual([operationId, expect.stringMatching(/open|read/)])
    if (method === 'GET') expect([operationId, audit]).toEqual([operationId, undefined])
  }
})

test('every operation without a token is one that is known to be open', () => {
  const open = routes.filter(({ scope }) => scope === 'open').map(({ method, path }) => `${method} ${path}`)
  expect(open.toSorted()).toEqual(['GET /livez', 'GET /metrics', 'GET /readyz', 'POST /api/v1/session'])
})

test('the server gives the document out as it is, with an etag, to anybody', async () => {
  const api = await openTestApi({ routes: apiRoutes() })
  const answer = await api.app.inject({ url: '/openapi.json', headers: { host: 'localhost' } })
  expect(answer.json()).toEqual(JSON.parse(stringifyJson(openApiDocument(routes))))
  const again = await api.app.inject({
    url: '/openapi.json',
    headers: { host: 'localhost', 'if-none-match': String(answer.headers.etag) },
  })
  expect([again.statusCode, again.body]).toEqual([304, ''])
  await api.close()
})

function tagOf(path: string): string | undefined {
  return path.split('/')[3]
}
