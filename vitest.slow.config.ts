import { defineConfig, mergeConfig, type ViteUserConfig } from 'vitest/config'
import config from './vitest.config.ts'

// Tests that take minutes: `src/**/*.slow.ts`, run by `npm run test:slow` and by `.ci/run`, not by `npm test`.
const slowConfig: ViteUserConfig = mergeConfig(
  config,
  defineConfig({
    test: {
      testTimeout: 25 * 60_000,
      // Some of them stop processes at a moment; what runs beside them must leave them the cores.
      maxWorkers: 2,
      hookTimeout: 60_000,
      outputFile: { json: 'slow-test-results.json' },
      // For tests that are in both lanes, with more cases in this one.
      env: { TIDEGATE_LANE: 'slow' },
    },
  }),
)
// Merging would add to the list.
if (slowConfig.test !== undefined) slowConfig.test.include = ['src/**/*.slow.ts']

export default slowConfig
