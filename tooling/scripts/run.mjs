// Runs a script of one workspace package on the workspace's own Node: node run.mjs <package> <script> [args…]
import { pnpm } from './pnpm.mjs'

const [name, script, ...args] = process.argv.slice(2)
process.exit(pnpm(['--filter', name, 'run', script, ...args]))
