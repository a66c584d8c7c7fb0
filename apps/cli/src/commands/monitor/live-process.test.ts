/** `--serve` and `--watch` as processes of their own: begun before there is anything to see, ended by signals. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { runCli, startCli, type RunningCli } from '../../testing/run-cli.ts'
import { ordersCsv, ordersProject, type SmallProject } from '../../testing/small-project.ts'

const projects: SmallProject[] = []
afterAll(() => projects.forEach((project) => project.remove()))

function newProject(): SmallProject {
  const project = ordersProject({ 'landing/a.csv': ordersCsv(1, 5) })
  projects.push(project)
  return project
}

test.for([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)(
  'the page sees a state that came after it; %s ends it with %i and leaves nothing',
  { timeout: 60_000 },
  async ([signal, code]) => {
    const { directory: cwd } = newProject()
    const running = startCli(['monitor', '--serve', '-o', 'ndjson'], { cwd })
    const { url } = JSON.parse(await firstLine(running)) as { readonly url: string }
    expect(await runsAt(url)).toBe(0)
    const events = await fetch(`${url}views/events`)
    const heard = readUntil(events, 'event: changed')
    expect((await runCli(['ingest'], { cwd })).exitCode).toBe(0)
    await heard
    while ((await runsAt(url)) === 0) await setTimeout(100)
    // A page that stays open does not keep the server.
    const page = await fetch(`${url}views/events`)
    const children = childrenOf(running.process.pid ?? 0)
    running.process.kill(signal)
    const { exitCode, stderr } = await running.result
    expect(exitCode).toBe(code)
    expect(stderr).not.toContain('INTERNAL')
    await page.text().catch(() => {})
    await expect(fetch(url)).rejects.toThrow('fetch failed')
    expect(children.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([])
  },
)

test('--watch off a terminal tells what came after it began, one line per change', async () => {
  const { directory: cwd } = newProject()
  const running = startCli(['monitor', 'timeline', '--watch'], { cwd })
  const before = await firstLine(running)
  expect((await runCli(['ingest'], { cwd })).exitCode).toBe(0)
  const after = await firstLine(running)
  running.process.kill('SIGTERM')
  expect((await running.result).exitCode).toBe(143)
  expect(before).toMatch(/Z Nothing ran/)
  expect(after).toMatch(/Z 1 run/)
}, 60_000)

async function runsAt(url: string): Promise<number> {
  const answer = await fetch(`${url}views/timeline`)
  return ((await answer.json()) as { readonly runsTotal: number }).runsTotal
}

/** The next whole line on stdout. */
async function firstLine({ process: child, result }: RunningCli): Promise<string> {
  let text = ''
  const line = new Promise<string>((resolve) => {
    child.stdout?.on('data', (part: string) => {
      text += part
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')))
    })
  })
  const ended = result.then(({ stderr }): string => {
    throw new Error(`it ended: ${stderr}`)
  })
  ended.catch(() => {})
  return Promise.race([line, ended])
}

async function readUntil(answer: Response, wanted: string): Promise<void> {
  const decoder = new TextDecoder()
  let text = ''
  if (answer.body === null) throw new Error('no stream')
  for await (const part of answer.body) {
    text += decoder.decode(part as Uint8Array, { stream: true })
    if (text.includes(wanted)) return
  }
  throw new Error(`ended without ${wanted}`)
}

function childrenOf(pid: number): readonly string[] {
  const tasks = `/proc/${pid}/task`
  if (!existsSync(tasks)) return []
  return readdirSync(tasks).flatMap((task) =>
    readFileSync(`${tasks}/${task}/children`, 'utf8').split(' ').filter(Boolean),
  )
}
