/**
 * What `doctor --chaos` starts: `race FOLDER COUNT` takes as many names as it can before its rival, `ingest FOLDER PHASE NTH`
 * ingests the project there and kills its process group at the nth time of a phase (never, with NTH 0).
 */
import diagnostics from 'node:diagnostics_channel'
import { link, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { codeOf } from '@tidegate/core'
import { ingestSource } from '@tidegate/pipeline'
import { openProject, PHASE_CHANNEL } from '../open-project.ts'

const [what = '', folder = '', first = '', second = '0'] = process.argv.slice(2)
if (what === 'race') await race(Number(first))
else await ingest(first, Number(second))

async function race(count: number): Promise<void> {
  const mine = path.join(folder, `racer-${process.pid}`)
  await writeFile(mine, String(process.pid))
  const won: number[] = []
  for (let number = 0; number < count; number += 1) {
    try {
      await link(mine, path.join(folder, `name-${number}`))
      won.push(number)
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    }
  }
  process.send?.({ won })
}

async function ingest(phase: string, nth: number): Promise<void> {
  let count = 0
  diagnostics.channel(PHASE_CHANNEL).subscribe((message) => {
    if ((message as { readonly phase: string }).phase !== phase) return
    count += 1
    if (count === nth) process.kill(-process.pid, 'SIGKILL')
  })
  const opened = await openProject({ directory: folder, env: {}, what: 'doctor --chaos' })
  if (opened.kind !== 'ok') throw new Error('the scratch project has mistakes')
  const { project } = opened
  const totals = { files: 0, error: '' }
  for (const source of project.config.sources) {
    const options = { force: false, workers: 2, gate: {}, exclude: project.exclude }
    const report = await ingestSource(source, options, project.effects)
    totals.files += report.files.length
    totals.error = report.error?.message ?? ''
  }
  await project.close()
  process.send?.(totals)
}
