// The tests that take minutes, of every package that has some (`test:slow` in its package.json). Runs on Node 20.
import { pnpm } from './pnpm.mjs'
import { dropResults, formatSum, SLOW_REPORT, sumResults } from './test-results.mjs'

dropResults(SLOW_REPORT)
const status = pnpm(['--recursive', '--workspace-concurrency=1', '--no-bail', '--if-present', 'run', 'test:slow'])
const sum = sumResults(SLOW_REPORT)
if (sum.problems.length > 0) console.log(`\nFailed tests:\n${sum.problems.map((problem) => `  ${problem}`).join('\n')}`)
console.log('')
console.log(`slow lane: ${formatSum(sum)}`)
process.exit(status === 0 && sum.failed === 0 ? 0 : 1)
