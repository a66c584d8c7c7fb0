/** Whole daemons in processes of their own, on one project: state in a thread, runs as children, real signals. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { smallProject, type SmallProject } from '../testing/small-project.ts'

const HOST = fileURLToPath(new URL('../testing/daemon-host.ts', import.meta.url))
const DRAIN_MS = 8000

let project: SmallProject | undefined
const children: ChildProcess[] = []
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  project?.remove()
})

interface Daemon {
  readonly child: ChildProcess
  ask(path: string, method?: 'GET' | 'POST'): Promise<{ readonly status: number; readonly body: Body }>
  /** Messages of its log, in order. */
  log(): readonly string[]
}
type Body = Readonly<Record<string, unknown>>

async function start(directory: string): Promise<Daemon> {
  const words = ['--conditions=tidegate:source', '--disable-warning=ExperimentalWarning', HOST, directory]
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const lines: { readonly event: string; readonly url?: string }[] = []
  const listening = Promise.withResolvers<string>()
  let rest = ''
  child.stdout.on('data', (chunk: Buffer) => {
    const parts = `${rest}${chunk.toString()}`.split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) {
      const line = JSON.parse(part) as { readonly event: string; readonly url?: string }
      lines.push(line)
      if (line.event === 'listening') listening.resolve(line.url ?? '')
    }
  })
  child.once('exit', (code, signal) => listening.reject(new Error(`it ended with ${String(code ?? signal)}`)))
  const url = (await listening.promise).replace(/\/$/, '')
  return {
    child,
    log: () => lines.map(({ event }) => event),
    async ask(path, method = 'GET') {
      const answer = await fetch(`${url}${path}`, { method })
      return { status: answer.status, body: (await answer.json()) as Body }
    },
  }
}

async function role(daemon: Daemon): Promise<unknown> {
  const { status, body } = await daemon.ask('/readyz')
  return status === 200 ? body['role'] : status
}

async function runs(daemon: Daemon): Promise<unknown> {
  const { status, body } = await daemon.ask('/api/v1/ingestions/orders/run', 'POST')
  expect(status).toBe(202)
  const id = String(body['id'])
  const state = async (): Promise<unknown> => (await daemon.ask(`/api/v1/runs/${id}`)).body['state']
  await expect.poll(state, { timeout: 30_000, interval: 50 }).not.toMatch(/queued|running|retrying/)
  return state()
}

test('one leads and the other stands by; a run asked for is done; on SIGTERM it ends within its time, and the other goes on', async () => {
  project = smallProject(['orders'], { server: { drain: `${DRAIN_MS}ms` } })
  project.land('orders', 'a.csv', 20)
  const first = await start(project.directory)
  await expect.poll(async () => role(first), { timeout: 30_000, interval: 50 }).toBe('leader')
  const [second, done] = await Promise.all([start(project.directory), runs(first)])
  expect(done).toBe('ok')
  expect(project.loaded('orders')).toEqual(['a.csv'])
  expect(first.log().filter((event) => /listening/i.test(event))).toEqual(['listening'])
  await expect.poll(async () => role(second), { timeout: 30_000, interval: 50 }).toBe('standby')

  const askedAtMs = performance.now()
  const ended = once(first.child, 'exit')
  first.child.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
  expect(performance.now() - askedAtMs).toBeLessThan(DRAIN_MS)
  expect(first.log().slice(-1)).toEqual(['stopped'])

  // It will lead within ten seconds; what it is asked meanwhile it does, leading or not.
  project.land('orders', 'b.csv', 20)
  expect(await runs(second)).toBe('ok')
  expect(project.loaded('orders')).toEqual(['a.csv', 'b.csv'])
}, 120_000)
