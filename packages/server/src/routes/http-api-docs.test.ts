import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aNewJob, writeBatches } from '../testing/api-past.ts'
import { NOW_MS, openApiWorld, type ApiWorld } from '../testing/api-world.ts'
import { apiRoutes } from './index.ts'
import { INGESTION_STATES } from './ingestion-view.ts'
import { JOB_STATES } from './run-view.ts'

const doc = readFileSync(new URL('../../../../docs/http-api.md', import.meta.url), 'utf8')
const jobTypes = readFileSync(new URL('../../../core/src/operations/job-types.ts', import.meta.url), 'utf8')

let world: ApiWorld

beforeAll(async () => {
  world = await openApiWorld()
  const config = world.config().sources[0]?.schedule
  if (config === undefined) throw new Error('no schedule')
  await world.state.saveSchedules([{ id: 'ingest:orders', command: 'ingest', subject: 'orders', config }], NOW_MS)
  await writeBatches(world.state, 3, 1)
  await world.state.createJob(aNewJob('20261121T075900-aaaaaaaa', NOW_MS - 60_000))
  world.answer = ({ kind, ...question }) => {
    const source = 'source' in question ? question.source : ''
    const nothing = {
      runs: 0,
      durationMs: null,
      rows: null,
      bytesPerSecond: null,
      rowsPerSecond: null,
      peakMemoryBytes: null,
    }
    switch (kind) {
      case 'preview':
        return {
          source,
          filesSeen: 0,
          unchanged: 0,
          filesToDo: 0,
          bytesToDo: 0,
          files: [],
          waiting: [],
          waitingTotal: 0,
          tooOld: 0,
          judged: [],
        }
      case 'estimate':
        return {
          source,
          filesSeen: 0,
          files: 0,
          bytes: 0,
          batches: 0,
          run: nothing,
          requests: 1,
          perRun: null,
          perMonth: null,
        }
      case 'engines':
        return [{ name: 'duckdb', kind: 'duckdb' }]
      default:
        return { ok: true }
    }
  }
})
afterAll(async () => world.close())

function section(name: string): string {
  const [, text = ''] = doc.split(`\n## ${name}\n`)
  return text.split(/\n## /, 1)[0] ?? ''
}

/** The calls of curl in the order in which they stand. */
function examples(): readonly {
  readonly method: 'GET'
  readonly url: string
  readonly headers: Record<string, string>
  readonly body: unknown
}[] {
  const blocks = [...section('Resources').matchAll(/```sh\n(.*?)```/gs)].map(([, text = '']) =>
    text.replaceAll('\\\n', ' '),
  )
  return blocks
    .flatMap((block) => block.trim().split('\n'))
    .map((line) => {
      const headers = [...line.matchAll(/-H '([^:]+): ([^']*)'/g)].map(
        ([, name = '', value = '']) => [name, value] as const,
      )
      const [, data] = /-d '([^']*)'/.exec(line) ?? []
      return {
        method: (/-X (\w+)/.exec(line)?.[1] ?? 'GET') as 'GET',
        url: (/"\$API([^"]*)"/.exec(line)?.[1] ?? '').replace('$RUN', '20261121T075900-aaaaaaaa'),
        headers: Object.fromEntries(headers),
        body: data === undefined ? undefined : (JSON.parse(data) as unknown),
      }
    })
}

test('every example of the page works, one after the other', async () => {
  expect(examples().length).toBeGreaterThan(30)
  for (const { method, url, headers, body } of examples()) {
    const { status, text } = await world.call(method, url, { headers, body })
    expect(status, `${method} ${url}: ${text}`).toBeLessThan(300)
  }
})

test('the page lists every operation with its scope and what it does, and no other', () => {
  const listed = [...section('Resources').matchAll(/^\| `([A-Z]+ \/[^`]*)` \| (\w+) \| (.*) \|$/gm)].map(
    ([, operation, scope, what]) => [operation, scope, what],
  )
  expect(listed).toEqual(apiRoutes().map(({ method, path, scope, summary }) => [`${method} ${path}`, scope, summary]))
})

test('the table of the states of runs is that of the code', () => {
  const [, comment = ''] = /\/\*\*((?:(?!\*\/).)*)\*\/\nexport type JobState =/s.exec(jobTypes) ?? []
  const inCode = new Set<string>()
  for (const line of comment.split('\n')) {
    const plain = line.replaceAll(/\([^)]*\)/g, '').trimEnd()
    const [, from, to] = /^ \*\s+([a-z· -]+) → ([a-z· -]+)$/.exec(plain) ?? []
    if (from === undefined || to === undefined) continue
    for (const one of from.split(' · '))
      for (const other of to.split(' · ')) inCode.add(`${one.trim()} → ${other.trim()}`)
  }
  const onPage = new Set<string>()
  for (const [, from = '', to = ''] of section('States').matchAll(
    /^\| ((?:`[a-z-]+`(?:, )?)+) \| ((?:`[a-z-]+`(?:, )?)+) \|/gm,
  ))
    for (const one of from.split(', '))
      for (const other of to.split(', ')) onPage.add(`${one} → ${other}`.replaceAll('`', ''))
  expect([...onPage].toSorted()).toEqual([...inCode].toSorted())
  expect(onPage.size).toBe(16)
  const named = new Set([...onPage].flatMap((line) => line.split(' → ')))
  expect([...named].toSorted()).toEqual([...JOB_STATES].toSorted())
})

test('the table of the states of ingestions names each of them', () => {
  const named = [...section('States').matchAll(/^\| `([a-z]+)` \| [^`|]/gm)].map(([, state]) => state)
  expect(named).toEqual([...INGESTION_STATES])
})
