/** A daemon as apps/daemon runs it, on a free port. Argument: the project's folder. Logs to stdout; SIGTERM drains it. */
import { openDaemon } from '../daemon/open-daemon.ts'

const [directory = ''] = process.argv.slice(2)
const opened = await openDaemon({
  directory,
  port: 0,
  version: '1.2.3',
  writeLog: (line) => process.stdout.write(line),
})
if (opened.kind !== 'ok') throw new Error(JSON.stringify(opened))
process.once('SIGTERM', () => void opened.daemon.close())
