import path from 'node:path'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

// What must be made once before the tests of a package, by the name of its folder.
const SET_UPS: Readonly<Record<string, string[]>> = {
  cli: [path.join(import.meta.dirname, 'tooling/scripts/bundle-cli-for-tests.ts')],
}

// Below node_modules: nobody else can guess it, and it goes with them.
const COMPILED: string = path.join(import.meta.dirname, 'node_modules/.cache/tidegate-tests')

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
    // One more than cores: tests wait for the processes they start. load took 65 s with two workers and 53 s with three.
    maxWorkers: 3,
    // Test files of a worker share their modules: 92 files of dq took 67 s apart and 38 s together. A package whose tests keep
    // something in a module runs with `--isolate`, as state does.
    isolate: false,
    passWithNoTests: true,
    // For the processes that tests start from sources: compiled forms are kept, so that a start takes a third of the CPU.
    env: { NODE_COMPILE_CACHE: COMPILED },
    globalSetup: SET_UPS[path.basename(process.cwd())] ?? [],
  },
})

export default config
