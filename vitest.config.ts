import { defineConfig, type ViteUserConfig } from 'vitest/config'

// One configuration for every package: `vitest run --config ../../vitest.config.ts --root .`
// The condition makes tests import the sources of the other packages; the built files are tested by the packed-package tests.
const config: ViteUserConfig = defineConfig({
  resolve: { conditions: ['tidegate:source', 'node'] },
  ssr: {
    resolve: {
      conditions: ['tidegate:source', 'node'],
      externalConditions: ['tidegate:source', 'node'],
    },
  },
  test: {
    include: ['src/**/*.test.ts'],
    // Tests start processes and write files; on a busy machine that takes its time.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', 'json'],
    outputFile: { json: 'test-results.json' },
    maxWorkers: 2,
    // Test files of a worker share their modules: 92 files of dq took 67 s apart and 38 s together. A package whose tests keep
    // something in a module runs with `--isolate`, as state does.
    isolate: false,
    passWithNoTests: true,
  },
})

export default config
