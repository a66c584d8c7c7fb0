import { describe } from 'vitest'
import { usePostgres } from './testing/fresh-state.ts'

// What the state promises on SQLite it promises on Postgres: the same tests, each in a schema of its own. Those that start
// processes or repeat themselves are in on-postgres.slow.ts.
usePostgres()

const SUITES = {
  'indexing entries': async () => import('./index-entry.test.ts'),
  'rows and verification': async () => import('./move-rows.test.ts'),
  import: async () => import('./import-state.test.ts'),
  runs: async () => import('./runs.test.ts'),
  history: async () => import('./prune-history.test.ts'),
  listings: async () => import('./listing.test.ts'),
  facts: async () => import('./facts.test.ts'),
  'facts of checks, runs and contracts': async () => import('./facts-checks.test.ts'),
  'sums of everything': async () => import('./metric-sums.test.ts'),
  'change markers': async () => import('./change-marker.test.ts'),
  outbox: async () => import('./outbox.test.ts'),
  jobs: async () => import('./operations/jobs.test.ts'),
  ticks: async () => import('./operations/ticks.test.ts'),
  alerts: async () => import('./operations/alerts.test.ts'),
  access: async () => import('./operations/access.test.ts'),
  pages: async () => import('./operations/pages.test.ts'),
  'what the daemon keeps': async () => import('./operations/keep.test.ts'),
}

for (const [name, load] of Object.entries(SUITES)) {
  describe(`${name} on Postgres`, async () => {
    await load()
  })
}
