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
  'change markers': async () => import('./change-marker.test.ts'),
  outbox: async () => import('./outbox.test.ts'),
}

for (const [name, load] of Object.entries(SUITES)) {
  describe(`${name} on Postgres`, async () => {
    await load()
  })
}
