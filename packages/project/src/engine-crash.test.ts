import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TidegateError, type Session } from '@tidegate/core'
import type { PipelineEffects } from '@tidegate/pipeline'
import { openBench, outcomes, type Bench, type TempProject } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

function crashed(): TidegateError {
  return new TidegateError('ENGINE_CRASHED', 'the engine child ended', { retryable: true })
}

/** Sessions whose statements first pass `look`, which may throw. */
function watched(effects: PipelineEffects, look: (sql: string) => void): PipelineEffects {
  return {
    ...effects,
    async openSession() {
      const session = await effects.openSession()
      const query: Session['query'] = async (sql, options) => {
        look(sql)
        return session.query(sql, options)
      }
      return { ...session, query }
    },
  }
}

async function landFiles(p: TempProject, names: readonly string[]): Promise<void> {
  for (const [index, name] of names.entries()) await p.landRows(`${name}.parquet`, `SELECT ${index} AS id`)
}

test.each(['checked', 'staged'])('the engine child is killed right after %s: everything is loaded', async (phase) => {
  const p = bench.project()
  await landFiles(p, ['a', 'b', 'c'])
  let kills = 0
  const report = await p.ingest({
    ownEngine: true,
    effects: (effects, project) => ({
      ...effects,
      mark(name, detail) {
        const { pid } = project.engine
        if (name === phase && pid !== undefined && ++kills === 1) process.kill(pid, 'SIGKILL')
        effects.mark(name, detail)
      },
    }),
  })
  expect(kills).toBeGreaterThan(0)
  expect(outcomes(report)).toEqual(['a.parquet: loaded', 'b.parquet: loaded', 'c.parquet: loaded'])
  expect(await p.rows('id', 'ORDER BY id')).toEqual([[0], [1], [2]])
})

test('the engine child is killed in the middle of a statement, twice: everything is loaded', async () => {
  const p = bench.project()
  await landFiles(p, ['a', 'b', 'c'])
  let crashes = 0
  const report = await p.ingest({
    ownEngine: true,
    effects: (effects, project) => ({
      ...effects,
      async openSession() {
        const session = await effects.openSession()
        const query: Session['query'] = async (sql, options) => {
          if (sql.includes('COPY') && crashes < 2) {
            crashes += 1
            setTimeout(() => process.kill(project.engine.pid ?? 0, 'SIGKILL'), 5)
            await session.query('SELECT sum(hash(a.range + b.range)) FROM range(1000000) a, range(100000) b')
          }
          return session.query(sql, options)
        }
        return { ...session, query }
      },
    }),
  })
  expect(crashes).toBe(2)
  expect(outcomes(report)).toEqual(['a.parquet: loaded', 'b.parquet: loaded', 'c.parquet: loaded'])
  expect(await p.rows('id', 'ORDER BY id')).toEqual([[0], [1], [2]])
})

test('a file that kills the engine every time is held with PQ901, and it alone', async () => {
  const p = bench.project()
  await landFiles(p, ['a', 'b', 'killer', 'x', 'y'])
  let crashes = 0
  const report = await p.ingest({
    effects: (effects) =>
      watched(effects, (sql) => {
        if (!sql.includes('killer.parquet')) return
        crashes += 1
        throw crashed()
      }),
  })
  expect(outcomes(report)).toEqual([
    'a.parquet: loaded',
    'b.parquet: loaded',
    'killer.parquet: held PQ901',
    'x.parquet: loaded',
    'y.parquet: loaded',
  ])
  expect(report.files[2]).toMatchObject({ cause: 'unreadable', rowsLoaded: 0 })
  // 5 files, then 3, then 1 twice: halving, not one by one.
  expect(crashes).toBe(4)
  expect(await p.rows('id', 'ORDER BY id')).toEqual([[0], [1], [3], [4]])
  expect((await p.ingest()).status).toBe('nothing-new')
})

test('datasets share the engine: a killer beside them costs the others nothing', async () => {
  const p = bench.project({ dataset: '{stem}' })
  await landFiles(p, ['a', 'b', 'killer', 'x', 'y'])
  // One child for all: whoever has a session open when it dies loses it.
  let child = { alive: true }
  const report = await p.ingest({
    workers: 5,
    effects: (effects) => ({
      ...effects,
      async openSession() {
        const session = await effects.openSession()
        child = child.alive ? child : { alive: true }
        const home = child
        const query: Session['query'] = async (sql, options) => {
          await new Promise((resolve) => setTimeout(resolve, 3))
          if (sql.includes('killer.parquet')) home.alive = false
          if (!home.alive) throw crashed()
          return session.query(sql, options)
        }
        return { ...session, query }
      },
    }),
  })
  expect(outcomes(report).filter((line) => !line.endsWith(': loaded'))).toEqual(['killer.parquet: held PQ901'])
  expect(await p.count()).toBe(4)
})

test('all five were lost with the killer, and try again: each has the engine to itself until its commit', async () => {
  const p = bench.project({ dataset: '{stem}' })
  await landFiles(p, ['a', 'b', 'killer', 'x', 'y'])
  // One child for all: whoever has a session open when it dies loses it.
  let child = { alive: true }
  let opened = 0
  let allAreIn = (): void => {}
  const together = new Promise<void>((resolve) => {
    allAreIn = resolve
  })
  const report = await p.ingest({
    workers: 5,
    effects: (effects) => ({
      ...effects,
      async openSession() {
        const session = await effects.openSession()
        child = child.alive ? child : { alive: true }
        const home = child
        opened += 1
        // Each attempt has two.
        if (opened === 10) allAreIn()
        const query: Session['query'] = async (sql, options) => {
          // Nobody asks anything before all five have their sessions in the child that is about to die.
          await together
          if (sql.includes('killer.parquet')) home.alive = false
          if (!home.alive) throw crashed()
          return session.query(sql, options)
        }
        return { ...session, query }
      },
    }),
  })
  expect(outcomes(report).filter((line) => !line.endsWith(': loaded'))).toEqual(['killer.parquet: held PQ901'])
  expect(await p.count()).toBe(4)
})

describe('what is no file’s fault', () => {
  test('an engine that does not start stops the run and holds nothing', async () => {
    const p = bench.project()
    await landFiles(p, ['a', 'b'])
    const report = await p.ingest({
      effects: (effects) => ({ ...effects, openSession: () => Promise.reject(crashed()) }),
    })
    expect(report).toMatchObject({ status: 'failed', error: { code: 'ENGINE_START' } })
    expect(p.tree('quarantine')).toEqual({})
    expect((await p.ingest()).totals.loaded).toBe(2)
  })

  test('a full disk stops the run, and the next one takes it up', async () => {
    const p = bench.project()
    await landFiles(p, ['a', 'b'])
    let full = true
    const report = await p.ingest({
      effects: (effects) =>
        watched(effects, (sql) => {
          if (full && sql.includes('COPY')) throw new TidegateError('ENGINE_DISK_FULL', 'no space left on device')
        }),
    })
    expect(report).toMatchObject({ status: 'failed', error: { code: 'DISK_FULL' } })
    expect(await p.count()).toBe(0)
    full = false
    expect((await p.ingest()).totals.loaded).toBe(2)
    expect(await p.count()).toBe(2)
  })

  test('too little memory for one file fails that file for now', async () => {
    const p = bench.project()
    await landFiles(p, ['a', 'large', 'z'])
    const report = await p.ingest({
      effects: (effects) =>
        watched(effects, (sql) => {
          if (sql.includes('large.parquet')) throw new TidegateError('ENGINE_OUT_OF_MEMORY', 'out of memory')
        }),
    })
    expect(outcomes(report)).toEqual([
      'a.parquet: loaded',
      'large.parquet: failed ENGINE_OUT_OF_MEMORY',
      'z.parquet: loaded',
    ])
    const project = await p.open({ readOnly: true })
    expect((await project.state.listFailures({ source: 's' })).map((failure) => failure.path)).toEqual([
      'large.parquet',
    ])
    await project.close()
    expect(outcomes(await p.ingest())).toEqual(['large.parquet: loaded'])
  })
})

test('a file on whose values a statement fails is held, and it alone', async () => {
  const p = bench.project()
  await landFiles(p, ['a', 'broken', 'z'])
  const report = await p.ingest({
    effects: (effects) =>
      watched(effects, (sql) => {
        if (sql.includes('COPY') && sql.includes('broken.parquet'))
          throw new TidegateError('ENGINE_SQL', 'cannot decompress page 7')
      }),
  })
  expect(outcomes(report)).toEqual(['a.parquet: loaded', 'broken.parquet: held PQ406', 'z.parquet: loaded'])
})

test('on_missing_contract: profile with a killer among the files learns from the others', async () => {
  const p = bench.project({ on_missing_contract: 'profile' })
  await landFiles(p, ['a', 'b', 'killer', 'x'])
  const report = await p.ingest({
    effects: (effects) =>
      watched(effects, (sql) => {
        if (sql.includes('killer.parquet')) throw crashed()
      }),
  })
  expect(report.error).toBeUndefined()
  expect(outcomes(report)).toContain('killer.parquet: held PQ901')
  expect(report.totals.loaded + report.totals.held).toBe(4)
  expect(p.read('contracts/s.yaml')).toContain('id')
})
