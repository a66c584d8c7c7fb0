import { connect } from '@tidegate/postgres'
import { startPostgres, type TestPostgres } from '@tidegate/postgres/testing'
import { codeOf, type LeaseOwner } from '@tidegate/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openState, type State } from '../index.ts'
import { makeEntry } from '../testing/entries.ts'

let server: TestPostgres
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(async () => {
  await server.close()
})

let schemas = 0
function freshUrl(): string {
  return `${server.url}?schema=outage${String((schemas += 1))}`
}

async function open(path: string, busyTimeoutMs?: number): Promise<State> {
  return openState({ path, nowMs: () => 0, busyTimeoutMs })
}

function entryOf(seq: number): ReturnType<typeof makeEntry> {
  const paths = Array.from({ length: 40 }, (_, index) => `${String(seq)}/${String(index)}`)
  return makeEntry(seq, paths, { watermark: { column: 'n', type: 'BIGINT', value: String(seq) } })
}

test.each(['restart', 'kill'] as const)(
  'a server that goes down (%s) in the middle of indexing leaves nothing half, and the entry can be indexed again',
  async (how) => {
    const state = await open(freshUrl())
    await state.indexEntry('/lake', entryOf(1))
    const errors: unknown[] = []
    const back = new AbortController()
    const indexing = (async () => {
      for (let seq = 2; !back.signal.aborted || seq <= 3;) {
        try {
          await state.indexEntry('/lake', entryOf(seq))
          seq += 1
        } catch (error) {
          errors.push(error)
          await new Promise((resolve) => setTimeout(resolve, 20))
        }
      }
    })()
    await expect.poll(async () => state.indexedSeq('/lake'), { timeout: 20_000 }).toBeGreaterThan(2)
    if (how === 'kill') await server.kill()
    await (how === 'kill' ? server.start() : server.restart())
    back.abort()
    await indexing
    expect(errors.length).toBeGreaterThan(0)
    for (const error of errors) {
      expect(error).toMatchObject({ retryable: true })
      expect(['PG_GONE', 'PG_CONNECT']).toContain(codeOf(error))
    }
    const seq = await state.indexedSeq('/lake')
    expect(await state.listFiles()).toHaveLength(seq * 40)
    expect(await state.getWatermark('flights')).toMatchObject({ value: String(seq), recordsProcessed: seq * 400 })
    expect(await state.checkConservation()).toEqual([])
    await state.close()
  },
  120_000,
)

test('two writers that index the same ledger, and others, at once make one index', async () => {
  const path = freshUrl()
  const writers = await Promise.all([open(path), open(path), open(path)])
  await Promise.all(
    writers.map(async (writer, index) => {
      for (let seq = 1; seq <= 5; seq += 1) {
        await writer.indexEntry(`/own ${String(index)}`, entryOf(seq))
        // Each finds some entries indexed by another; none may be ahead of the position.
        await writer.indexEntry('/lake', entryOf((await writer.indexedSeq('/lake')) + 1)).catch((error: unknown) => {
          expect(codeOf(error)).toBe('STATE_GAP')
        })
      }
    }),
  )
  const [state] = writers
  const seq = (await state?.indexedSeq('/lake')) ?? 0
  expect(seq).toBeGreaterThanOrEqual(5)
  const files = (await state?.listFiles()) ?? []
  expect(files.filter((file) => file.location === '/lake')).toHaveLength(seq * 40)
  expect(files).toHaveLength((seq + 15) * 40)
  expect(await state?.checkConservation()).toEqual([])
  for (const writer of writers) await writer.close()
}, 60_000)

test('an owner that wakes up after its lease was given on is refused, and takes nothing from the new one', async () => {
  const path = freshUrl()
  const zombie: LeaseOwner = { id: 'elsewhere:1:1', what: 'zombie' }
  const heir: LeaseOwner = { id: 'elsewhere:2:2', what: 'heir' }
  const [first, second] = await Promise.all([open(path), open(path)])
  expect(await first.acquireLease('flights', zombie, 1000, 500)).toEqual({ kind: 'acquired', fence: 1 })
  expect(await second.acquireLease('flights', heir, 1400, 500)).toMatchObject({ kind: 'held', by: { what: 'zombie' } })
  expect(await second.acquireLease('flights', heir, 1501, 500)).toEqual({ kind: 'acquired', fence: 2 })
  expect(await first.renewLease('flights', zombie, 1, 1502, 500)).toBe(false)
  await first.releaseLease('flights', zombie, 1)
  expect(await second.renewLease('flights', heir, 2, 1503, 500)).toBe(true)
  await first.close()
  await second.close()
})

test('somebody who stays in a transaction makes others wait, then STATE_BUSY; readers do not wait', async () => {
  const path = freshUrl()
  const state = await open(path, 200)
  await state.indexEntry('/lake', entryOf(1))
  const asleep = await connect(path, { searchPath: new URL(path).searchParams.get('schema') ?? '' })
  await asleep.query('begin; select version from tidegate_state for update')
  await expect(state.indexEntry('/lake', entryOf(2))).rejects.toMatchObject({ code: 'STATE_BUSY', retryable: true })
  expect(await state.listFiles()).toHaveLength(40)
  await asleep.close()
  await state.indexEntry('/lake', entryOf(2))
  expect(await state.indexedSeq('/lake')).toBe(2)
  await state.close()
})
