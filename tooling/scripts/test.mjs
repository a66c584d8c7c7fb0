// Everything that must hold before a change is merged: types, format, lint, tests. All steps run even when one fails;
// the failures are named at the end and the last line is the sum of the tests. Runs on Node 20.
import { pnpm } from './pnpm.mjs'
import { dropResults, formatSum, sumResults } from './test-results.mjs'

const steps = {
  types: 'tsc -p tsconfig.json',
  format: 'oxfmt --check',
  lint: 'oxlint --type-aware',
  // One package at a time: vitest uses both cores already. A cached result shows as one line.
  tests: 'turbo run test --continue --concurrency=1 --ui=stream --output-logs=new-only --log-order=grouped',
}

dropResults()
const failures = []
for (const [name, command] of Object.entries(steps)) {
  console.log(`\n── ${name}: ${command}`)
  const startedAtMs = Date.now()
  const status = pnpm(['exec', ...command.split(' ')])
  const seconds = ((Date.now() - startedAtMs) / 1000).toFixed(1)
  console.log(`── ${name}: ${status === 0 ? 'ok' : `FAILED (exit ${status})`} after ${seconds} s`)
  if (status !== 0) failures.push(name)
}

const sum = sumResults()
if (sum.problems.length > 0) console.log(`\nFailed tests:\n${sum.problems.map((problem) => `  ${problem}`).join('\n')}`)
if (failures.length > 0) console.log(`\nFailed steps: ${failures.join(', ')}`)
console.log('')
console.log(formatSum(sum))
process.exit(failures.length === 0 && sum.failed === 0 ? 0 : 1)
