/** A desk that does what the name of the source says: hang, crash, or say who it is. */
import type { FromDesk, ToDesk } from '../desk/desk-protocol.ts'

process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.on('message', ({ id, question }: ToDesk) => {
  const source = 'source' in question ? question.source : ''
  if (source === 'hang') return
  if (source === 'crash') {
    process.stderr.write('the engine gave up\n', () => process.exit(3))
    return
  }
  const message: FromDesk =
    source === 'refuse'
      ? { kind: 'error', id, error: { code: 'CONFIG_UNKNOWN_SOURCE', message: 'no such source', hint: 'name another' } }
      : { kind: 'answer', id, answer: { source, pid: process.pid } }
  process.send?.(message)
})
