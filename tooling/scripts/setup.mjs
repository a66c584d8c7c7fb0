// Set-up: install (locked) and build. Idempotent; quick when nothing changed. Runs on Node 20 and up.
import { dropStaleBuilds } from './drop-stale-builds.mjs'
import { pnpm } from './pnpm.mjs'

const [major] = process.versions.node.split('.').map(Number)
if (major < 20) {
  console.error(`Tidegate's set-up needs Node 20 or newer to start (this is ${process.versions.node}).`)
  process.exit(2)
}
const steps = [
  ['install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only', '--loglevel=warn'],
  ['exec', 'turbo', 'run', 'build', '--output-logs=errors-only', '--log-prefix=none'],
]
for (const step of steps) {
  const status = pnpm(step)
  if (status !== 0) {
    console.error(`set-up stopped: pnpm ${step.join(' ')} ended with ${status}`)
    process.exit(status)
  }
}
dropStaleBuilds()
