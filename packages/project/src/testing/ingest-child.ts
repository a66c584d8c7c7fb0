/** A process that ingests a project's only source and, if asked to, kills itself at the first mark of a name. */
import { ingestSource } from '@tidegate/pipeline'
import { openProject } from '../open-project.ts'

const [directory = '', killAt = ''] = process.argv.slice(2)
const opened = await openProject({ directory, env: {} })
if (opened.kind !== 'ok') throw new Error(JSON.stringify(opened))
const { project } = opened
const [source] = project.config.sources
if (source === undefined) throw new Error('no source')
const report = await ingestSource(
  source,
  { force: false, workers: 1, gate: {}, exclude: project.exclude },
  {
    ...project.effects,
    mark(phase, detail) {
      if (phase === killAt) process.kill(process.pid, 'SIGKILL')
      project.effects.mark(phase, detail)
    },
    doctor: {
      ...project.effects.doctor,
      // In the middle of the work: the child has the order and the parent dies.
      async repair(...order) {
        const done = project.effects.doctor.repair(...order)
        if (killAt === 'in-repair') setTimeout(() => process.kill(process.pid, 'SIGKILL'), 20)
        return done
      },
    },
  },
)
await project.close()
process.stdout.write(report.files.map((file) => `${file.path}: ${file.status}`).join('\n'))
