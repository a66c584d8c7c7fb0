/** Every operation of the document, asked by nobody, by who may too little, and by who may just enough. */
import type { AccessScope } from '@tidegate/core'
import { expect, test } from 'vitest'
import { apiRoutes } from '../routes/index.ts'
import { smallReader } from '../testing/small-reader.ts'
import { openTestApi } from '../testing/test-api.ts'
import { documentedRoutes } from './build-http-app.ts'

const SCOPES: readonly AccessScope[] = ['read', 'run', 'write', 'admin']

test('no operation is answered to less than the scope that the document names, and none asks for more', async () => {
  const views = { facts: smallReader(), sources: () => [], project: 'shop', command: 'tidegate monitor' }
  const api = await openTestApi({ routes: apiRoutes(), views })
  const tokens = new Map<string, string>()
  for (const scope of SCOPES) tokens.set(scope, await api.tokenFor(scope))
  const expired = await api.tokenFor('admin', api.services.nowMs() - 1)
  const statusOf = async (method: 'GET' | 'POST', url: string, token: string | undefined): Promise<number> => {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
    // Of a stream the beginning is enough.
    const response = await api.app.inject({ method, url, headers: { host: 'localhost', ...authorization }, payloadAsStream: true }) // prettier-ignore
    response.stream().destroy()
    return response.statusCode
  }

  const wrong: string[] = []
  const seen = new Map<string, number>()
  let address = 0
  for (const { method, path, scope } of documentedRoutes(apiRoutes())) {
    seen.set(scope, (seen.get(scope) ?? 0) + 1)
    if (scope === 'open') continue
    const url = path.replace('{section}', 'freshness').replaceAll(/\{\w+\}/g, 'nobody')
    const check = async (
      who: string,
      token: string | undefined,
      isRight: (status: number) => boolean,
    ): Promise<void> => {
      const status = await statusOf(method as 'GET', url, token)
      if (!isRight(status)) wrong.push(`${method} ${path} asks for ${scope}; ${who}: ${status}`)
    }
    await check('without a token', undefined, (status) => status === 401)
    // Ten wrong tokens a minute are answered 401.
    if (address++ < 10) await check('with an expired one', expired, (status) => status === 401)
    for (const [index, own] of SCOPES.entries()) {
      const isEnough = index >= SCOPES.indexOf(scope)
      await check(`with ${own}`, tokens.get(own), (status) => (status === 401 || status === 403) !== isEnough)
    }
  }
  await api.close()
  expect(wrong).toEqual([])
  // Of each there is something: the test asks what it thinks it asks.
  expect([...seen.keys()].toSorted()).toEqual(['admin', 'open', 'read', 'run', 'write'])
})
