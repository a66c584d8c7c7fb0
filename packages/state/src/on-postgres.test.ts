import { describe } from 'vitest'
import { usePostgres } from './testing/fresh-state.ts'

// What the state promises on SQLite it promises on Postgres: the same tests, each in a schema of its own. The others are
// in on-postgres.slow.ts.
usePostgres()

const SUITES = {
  runs: async () => import('./runs.test.ts'),
  'change markers': async () => import('./change-marker.test.ts'),
  outbox: async () => import('./outbox.test.ts'),
  jobs: async () => import('./operations/jobs.test.ts'),
  ticks: async () => import('./operations/ticks.test.ts'),
  alerts: async () => import('./operations/alerts.test.ts'),
  access: async () => import('./operations/access.test.ts'),
  'what the daemon keeps': async () => import('./operations/keep.test.ts'),
}

for (const [name, load] of Object.entries(SUITES)) {
  describe(`${name} on Postgres`, async () => {
    await load()
  })
}
