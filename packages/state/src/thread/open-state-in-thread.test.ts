import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { currentOwner, openStateInThread, type ExportedRow, type State } from '../index.ts'
import { makeEntry } from '../testing/entries.ts'
import { freshPath, freshState } from '../testing/fresh-state.ts'
import { makeJob } from '../testing/make-job.ts'

async function open(file = freshPath()): Promise<State> {
  const state = await openStateInThread({ path: file })
  onTestFinished(async () => state.close())
  return state
}

describe('a state in a thread', () => {
  test('answers as one in this thread does', async () => {
    const here = await freshState()
    const there = await open()
    expect(Object.keys(there).toSorted()).toEqual(Object.keys(here).toSorted())
    expect([there.schemaVersion, path.isAbsolute(there.path)]).toEqual([here.schemaVersion, true])
    const answers = await Promise.all(
      [here, there].map(async (state) => {
        const owner = currentOwner('a test')
        await state.indexEntry('/lake', makeEntry(1, ['a', 'b']), { durationMs: new Map([['flights/a#1', 5.5]]) })
        await state.createJob(makeJob({ id: 'j' }))
        return [
          await state.listFiles(),
          await state.versionsOf('flights', ['a', 'nowhere']),
          await state.lostDuplicates('flights', new Set(['flights/a#1'])),
          await Array.fromAsync(state.knownStamps('flights')),
          await state.claimJob({ owner, run: ({ id }) => `run of ${id}`, nowMs: 50 }),
          await state.claimJob({ owner, run: ({ id }) => `run of ${id}`, nowMs: 50 }),
          await state.getWatermark('flights'),
        ]
      }),
    )
    expect(answers[1]).toEqual(answers[0])
    expect(answers[0]?.[4]).toMatchObject({ attempt: { run: 'run of j' } })
  })

  test('says of an error what it is', async () => {
    const state = await open()
    const error = await state.listJobs({ limit: 1, after: 'x' }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      name: 'TidegateError',
      code: 'STATE_BAD_CURSOR',
      retryable: false,
      hint: expect.stringMatching(/next/) as string,
      dataNow: 'Nothing was changed.',
    })
    // An error of the callback comes back through both threads.
    await state.createJob(makeJob({ id: 'j' }))
    const run = (): string => {
      throw Object.assign(new Error('no name for it'), { code: 'EMINE' })
    }
    const claiming = state.claimJob({ owner: currentOwner(''), run, nowMs: 50 })
    await expect(claiming).rejects.toMatchObject({ message: 'no name for it', code: 'EMINE' })
    expect(await state.getJob('j')).toMatchObject({ state: 'queued', attempts: 0 })
  })

  test('that cannot be opened says why', async () => {
    const opening = openStateInThread({ path: path.join(import.meta.dirname, 'errors.ts') })
    await expect(opening).rejects.toMatchObject({ code: 'STATE_NOT_A_DATABASE' })
  })

  test('streams in both directions, in parts, and stops when nobody reads on', async () => {
    const state = await open()
    let given = 0
    const rows = async function* (): AsyncGenerator<ExportedRow> {
      for (given = 1; given <= 1500; given += 1) {
        yield {
          table: 'lease',
          row: {
            source: `s${String(given).padStart(5, '0')}`,
            highest_fence: given,
            owner_what: '',
            fence: 0,
            since_ms: 0,
            expires_ms: 0,
          },
        }
      }
    }
    expect(await state.importRows(rows())).toEqual({ imported: 1500, known: 0 })
    const read: unknown[] = []
    for await (const { row } of state.exportState()) {
      read.push(row['source'])
      if (read.length === 1100) break
    }
    expect(read.at(-1)).toBe('s01100')
    expect(await Array.fromAsync(state.exportState())).toHaveLength(1500)
    // Broken in the middle: what came before is there, as it is without a thread.
    const broken = async function* (): AsyncGenerator<ExportedRow> {
      yield {
        table: 'lease',
        row: { source: 'x', highest_fence: 1, owner_what: '', fence: 0, since_ms: 0, expires_ms: 0 },
      }
      throw new Error('the file ended')
    }
    await expect(state.importRows(broken())).rejects.toThrow('the file ended')
  })

  test('takes functions that give streams: a comparison with what the logs say', async () => {
    const state = await open()
    await state.indexEntry('/lake', makeEntry(1, ['a']))
    const tail = async function* (): AsyncGenerator<ReturnType<typeof makeEntry>> {
      yield makeEntry(1, ['a'])
      yield makeEntry(2, ['b'])
    }
    const differences = await Array.fromAsync(state.verifyIndex([{ location: '/lake', tail }]))
    expect(differences).toMatchObject([{ table: 'ledger', column: 'seq', inState: 1, inLedger: 2 }])
  })

  test('has a marker that differs after each change, whoever made it', async () => {
    const file = freshPath()
    const [one, other] = [await open(file), await open(file)]
    const seen = [await one.changeMarker()]
    for (const state of [one, other]) {
      await state.updateWatermark('flights', String(seen.length))
      seen.push(await one.changeMarker())
      expect(await one.changeMarker()).toBe(seen.at(-1))
    }
    expect(new Set(seen).size).toBe(3)
  })

  test('closes after the calls under way, and answers nothing after it', async () => {
    const state = await open()
    const calls = Array.from({ length: 50 }, async (_, n) => state.createJob(makeJob({ id: String(n) })))
    await state.close()
    await state.close()
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 50 }, () => true))
    await expect(state.getJob('1')).rejects.toMatchObject({ code: 'STATE_CLOSED' })
    await expect(Array.fromAsync(state.exportState())).rejects.toMatchObject({ code: 'STATE_CLOSED' })
  })

  test('holds a process as long as it is asked something, and no longer', async () => {
    const script = `import { openStateInThread } from ${JSON.stringify(new URL('open-state-in-thread.ts', import.meta.url).href)}
      const state = await openStateInThread({ path: ${JSON.stringify(freshPath())} })
      await state.raiseFence('flights', 7)
      await state.listRuns()
      for await (const { table, row } of state.exportState()) console.log(table, row.source, row.highest_fence)`
    const args = ['--conditions=tidegate:source', '--input-type=module', '--eval', script]
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 30_000, cwd: import.meta.dirname })
    expect(stdout).toBe('lease flights 7\n')
  })
})
