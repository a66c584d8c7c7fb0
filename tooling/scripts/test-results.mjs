// Sums the reports that vitest leaves in each package (test-results.json) and finds the packages that have tests but
// no report of them. `node test-results.mjs` prints the sum of the last run. Runs on Node 20.
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const REPORT = 'test-results.json'
/** Of the tests that take minutes (`*.slow.ts`). */
export const SLOW_REPORT = 'slow-test-results.json'

/** Folders of the workspace's packages, relative to its root. */
export function listPackages() {
  return ['packages', 'apps', 'tooling'].flatMap((group) =>
    readdirSync(path.join(root, group))
      .map((name) => `${group}/${name}`)
      .filter((folder) => existsSync(path.join(root, folder, 'package.json')))
      .sort(),
  )
}

/** Removes the reports of an earlier run, so that a crash before writing cannot pass for its success. */
export function dropResults(report = REPORT) {
  for (const folder of listPackages()) rmSync(path.join(root, folder, report), { force: true })
}

/** → { passed, failed, skipped, problems: string[] }. A test file that did not even load counts as one failed test. */
export function sumResults(reportName = REPORT) {
  const ending = reportName === SLOW_REPORT ? '.slow.ts' : '.test.ts'
  const sum = { passed: 0, failed: 0, skipped: 0, problems: [] }
  for (const folder of listPackages()) {
    const expected = countTestFiles(path.join(root, folder, 'src'), ending)
    const file = path.join(root, folder, reportName)
    if (!existsSync(file)) {
      if (expected > 0) note(sum, `${folder}: ${expected} test files, but no ${reportName}`)
      continue
    }
    const report = JSON.parse(readFileSync(file, 'utf8'))
    sum.passed += report.numPassedTests
    sum.failed += report.numFailedTests
    sum.skipped += report.numPendingTests + (report.numTodoTests ?? 0)
    for (const name of failuresOf(report)) sum.problems.push(`${folder}: ${name}`)
    const broken = report.testResults.filter(didNotLoad).length
    sum.failed += broken
    if (expected > 0 && report.numTotalTests === 0 && broken === 0) note(sum, `${folder}: no test ran`)
    if (report.testResults.length < expected)
      note(sum, `${folder}: ${expected} test files, ${report.testResults.length} reported`)
  }
  return sum
}

export function formatSum({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

function note(sum, problem) {
  sum.failed += 1
  sum.problems.push(problem)
}

function failuresOf(report) {
  return report.testResults.flatMap((file) => {
    const name = path.basename(file.name)
    if (didNotLoad(file)) return [`${name} did not load: ${String(file.message).split('\n')[0]}`]
    return file.assertionResults.filter((test) => test.status === 'failed').map((test) => `${name} › ${test.fullName}`)
  })
}

function didNotLoad(file) {
  return file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')
}

function countTestFiles(folder, ending) {
  if (!existsSync(folder)) return 0
  return readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(ending)).length
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sums = [sumResults(), sumResults(SLOW_REPORT)]
  const total = (key) => sums.reduce((sum, one) => sum + one[key], 0)
  console.log(formatSum({ passed: total('passed'), failed: total('failed'), skipped: total('skipped') }))
  process.exit(total('failed') === 0 ? 0 : 1)
}
