import { describe } from 'vitest'
import { usePostgres } from './testing/fresh-state.ts'

// See on-postgres.test.ts.
usePostgres()

const SUITES = {
  'indexing entries': async () => import('./index-entry.test.ts'),
  'rows and verification': async () => import('./move-rows.test.ts'),
  import: async () => import('./import-state.test.ts'),
  history: async () => import('./prune-history.test.ts'),
  listings: async () => import('./listing.test.ts'),
  facts: async () => import('./facts.test.ts'),
  'facts of checks, runs and contracts': async () => import('./facts-checks.test.ts'),
  'sums of everything': async () => import('./metric-sums.test.ts'),
  pages: async () => import('./operations/pages.test.ts'),
  'indexing any entries': async () => import('./index-entry.property.test.ts'),
  'facts of any history': async () => import('./facts.property.test.ts'),
  leases: async () => import('./lease.test.ts'),
  files: async () => import('./list-files.test.ts'),
  watermarks: async () => import('./watermark.test.ts'),
  loads: async () => import('./load-history.test.ts'),
  export: async () => import('./export-state.test.ts'),
  'jobs of several processes': async () => import('./operations/several-processes.test.ts'),
  crashes: async () => import('./crash.test.ts'),
}

for (const [name, load] of Object.entries(SUITES)) {
  describe(`${name} on Postgres`, async () => {
    await load()
  })
}
