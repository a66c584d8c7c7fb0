/** A process that replays all open records of a project's only source and kills itself at the nth mark of a name. */
import { openProject, PHASE_CHANNEL } from '../open-project.ts'
import { settleRecords } from '../quarantine-loop.ts'
import { subscribe } from 'node:diagnostics_channel'
import { flushCompileCache } from 'node:module'

const [directory = '', killAt = '', nth = '1'] = process.argv.slice(2)
let hits = 0
subscribe(PHASE_CHANNEL, (message) => {
  if ((message as { readonly phase: string }).phase !== killAt) return
  hits += 1
  if (hits !== Number(nth)) return
  flushCompileCache()
  process.kill(process.pid, 'SIGKILL')
})
const opened = await openProject({ directory, env: {} })
if (opened.kind !== 'ok') throw new Error(JSON.stringify(opened))
const { project } = opened
const [source] = project.config.sources
if (source === undefined) throw new Error('no source')
await settleRecords(project, source, { action: 'replay', wants: () => true })
await project.close()
