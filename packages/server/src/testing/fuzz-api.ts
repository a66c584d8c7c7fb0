import { openApiDocument } from '../api/openapi.ts'
import { apiRoutes } from '../routes/index.ts'
import { aCheck, aNewJob, aRunRecord, writeBatches, writeRun } from './api-past.ts'
import { NOW_MS, openApiWorld, type ApiWorld } from './api-world.ts'
import { fuzzRoutes, type FuzzReport } from './fuzz-routes.ts'
import { stateFingerprint } from './state-fingerprint.ts'

/** All resources, on a real state with something of everything. */
export async function fuzzApi(perOperation: number, seed: number): Promise<FuzzReport> {
  const world = await openApiWorld()
  try {
    await furnish(world)
    return await fuzzRoutes({
      document: openApiDocument(apiRoutes()),
      authorize: async () => `Bearer ${await world.api.tokenFor('admin')}`,
      changes: async () => stateFingerprint(world.state),
      known: {
        id: ['orders', 'payments', 'job-1', 'cli-1', 'ingest:orders', 'orders/f1.csv#1', 'orders/held4.csv'],
        source: ['orders'],
        dataset: ['orders'],
        name: ['duckdb'],
      },
      perOperation,
      seed,
      send: async ({ method, url, headers, payload }) => {
        const answer = await world.api.app.inject({
          method,
          url,
          headers: { host: 'localhost', ...headers },
          ...(payload === undefined ? {} : { payload }),
        })
        return { status: answer.statusCode, type: answer.headers['content-type'] ?? '', body: answer.body }
      },
    })
  } finally {
    await world.close()
  }
}

async function furnish(world: ApiWorld): Promise<void> {
  const { state } = world
  const config = world.config().sources[0]?.schedule
  if (config === undefined) throw new Error('no schedule')
  await state.saveSchedules([{ id: 'ingest:orders', command: 'ingest', subject: 'orders', config }], NOW_MS)
  await writeBatches(state, 3, 2)
  await writeRun(state, aRunRecord('cli-1', NOW_MS - 1000))
  await state.recordChecks([aCheck('run-1', 'orders/f1.csv#1', 'amount:not-null')])
  await state.createJob(aNewJob('job-1', NOW_MS))
  world.answer = ({ kind, ...question }) => {
    const band = { low: 1, high: 2 }
    const source = 'source' in question ? question.source : ''
    switch (kind) {
      case 'engines':
        return [{ name: 'duckdb', kind: 'duckdb' }]
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
          run: {
            runs: 0,
            durationMs: null,
            rows: null,
            bytesPerSecond: null,
            rowsPerSecond: null,
            peakMemoryBytes: band,
          },
          requests: 1,
          perRun: null,
          perMonth: null,
        }
      default:
        return { ok: true }
    }
  }
}
