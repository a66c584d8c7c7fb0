import { defineConfig, type ViteUserConfig } from 'vitest/config'

// One configuration for every package: `vitest run --config ../../vitest.config.ts --root .`
// The condition makes tests import the sources of the other packages; the built files are tested by the packed-package tests.
const config: ViteUserConfig = defineConfig({
  resolve: { conditions: ['tidegate:source', 'node', 'import', 'default'] },
  ssr: {
    resolve: {
      conditions: ['tidegate:source', 'node', 'import', 'default'],
      externalConditions: ['tidegate:source', 'node', 'import'],
    },
  },
  test: {
    include: ['src/**/*.test.ts'],
    testTimeout: 30_000,
    // Files are written in hooks; on a busy machine that takes its time.
    hookTimeout: 60_000,
    reporters: ['default', 'json'],
    outputFile: { json: 'test-results.json' },
    maxWorkers: 2,
    passWithNoTests: true,
  },
})

export default config
