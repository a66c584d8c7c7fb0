// The crash matrix: every failpoint × destination × state database, 500 random kills, docs/crash-matrix.md. Options are those
// of tooling/testing/src/crash/main.ts: `npm run test:crash -- --cell K14/parquet/sqlite`. Runs on Node 20.
import { pnpm } from './pnpm.mjs'

const args = process.argv.slice(2)
const whole = !args.some((arg) => /^--(?:cell|series|only|states|random|no-matrix)/.test(arg))
const order = whole ? ['--random', '500', '--write', ...args] : args
process.exit(pnpm(['--filter', 'tidegate-testing', 'run', 'crash', ...order]))
