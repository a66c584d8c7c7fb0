/** Starts a server, says where it is, and then waits to be killed. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { startPostgres } from './start-postgres.ts'

const { folder } = await startPostgres()
const pid = Number.parseInt(readFileSync(path.join(folder, 'postmaster.pid'), 'utf8'), 10)
process.stdout.write(`${JSON.stringify({ folder, pid })}\n`)
setInterval(() => undefined, 1000)
