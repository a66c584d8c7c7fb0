/** Keys to the daemon, and the daemon that asks for them. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { plainContext } from '../testing/plain-context.ts'
import { runHere, runJsonHere } from '../testing/run-here.ts'
import { ORDERS_YAML, ordersProject, type SmallProject } from '../testing/small-project.ts'
import { serve } from './serve.ts'

const projects: SmallProject[] = []
afterEach(() => projects.splice(0).forEach((project) => project.remove()))

function newProject(): string {
  const project = ordersProject()
  projects.push(project)
  return project.directory
}

async function create(
  cwd: string,
  ...words: readonly string[]
): Promise<{ readonly id: string; readonly secret: string }> {
  const { json } = await runJsonHere(['token', 'create', '--name', 'a test', ...words], { cwd })
  return (json as unknown as { token: { id: string; secret: string } }).token
}

describe('token', () => {
  test('create tells the secret once; ls never does', async () => {
    const cwd = newProject()
    const { id, secret } = await create(cwd, '--scope', 'run', '--expires', '90d')
    expect(secret).toMatch(new RegExp(`^tg_${id}_[\\w-]{43}$`))
    const { json } = await runJsonHere(['token', 'ls'], { cwd })
    expect(json).toMatchObject({
      schemaVersion: 1,
      kind: 'tokens',
      items: [{ id, name: 'a test', scope: 'run', state: 'active', lastUsedAt: null }],
    })
    expect(JSON.stringify(json)).not.toContain(secret.split('_')[2])
    const { expiresAt, createdAt } = (json as unknown as { items: [{ expiresAt: string; createdAt: string }] }).items[0]
    expect(Date.parse(expiresAt) - Date.parse(createdAt)).toBe(90 * 86_400_000)
  })

  test('revoke ends it once; a second time there is nothing to end', async () => {
    const cwd = newProject()
    const { id } = await create(cwd)
    expect(await runJsonHere(['token', 'revoke', id], { cwd })).toMatchObject({ exitCode: 0, json: { id } })
    expect((await runHere(['token', 'ls'], { cwd })).stdout).toContain('revoked')
    expect(await runHere(['token', 'revoke', id], { cwd })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('USAGE_TOKEN') as string,
    })
  })

  test.each([
    [['create'], 'USAGE_VALUE'],
    [['create', '--name', '  '], 'USAGE_VALUE'],
    [['create', '--name', 'x'.repeat(201)], 'USAGE_VALUE'],
    [['create', '--name', 'x', '--expires', '0d'], 'USAGE_VALUE'],
    [['create', '--name', 'x', '--expires', 'tomorrow'], 'USAGE_VALUE'],
    [['revoke'], 'USAGE_VALUE'],
    [['revoke', '../../etc'], 'USAGE_TOKEN'],
  ])('%j is a mistake, and makes no token', async (words, code) => {
    const cwd = newProject()
    expect(await runHere(['token', ...words], { cwd })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(code) as string,
    })
    expect((await runJsonHere(['token', 'ls'], { cwd })).json).toMatchObject({ items: [] })
  })
})

describe('serve', () => {
  test('tells its address, asks for the token once there is one, and ends when it is asked to', async () => {
    const cwd = newProject()
    const stop = new AbortController()
    const context = plainContext(cwd, 'json')
    const served = serve(
      { port: 0 },
      { ...context, options: { ...context.options, logLevel: 'silent' }, signal: stop.signal },
    )
    try {
      while (!context.written().includes('"url"'))
        await Promise.race([served, new Promise((resolve) => setTimeout(resolve, 20))])
      const { url } = JSON.parse(context.written()) as { readonly url: string }
      const runs = new URL('/api/v1/runs', url)
      expect((await fetch(runs)).status).toBe(200)
      const { secret } = await create(cwd, '--scope', 'read')
      await expect.poll(async () => (await fetch(runs)).status, { timeout: 10_000 }).toBe(401)
      expect((await fetch(runs, { headers: { authorization: `Bearer ${secret}` } })).status).toBe(200)
    } finally {
      stop.abort()
    }
    expect(await served).toBe(0)
  }, 60_000)

  test('a port that is taken, a host for others without a token and a broken configuration each have their code', async () => {
    const cwd = newProject()
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const port = String((taken.address() as AddressInfo).port)
    const second = await runHere(['serve', '--port', port], { cwd })
    expect(second).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('SERVER_PORT_TAKEN') as string })
    await new Promise((resolve) => taken.close(resolve))
    const open = await runHere(['serve', '--host', '0.0.0.0', '--port', '0'], { cwd })
    expect(open).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('SERVER_NEEDS_TOKEN') as string })
    projects.at(-1)?.write('tidegate.yaml', `${ORDERS_YAML}    schedule: { cron: "0 0 31 2 *" }\n`)
    expect((await runHere(['serve', '--port', '0'], { cwd })).stderr).toContain('CONFIG')
  }, 60_000)
})
