/**
 * One report in a process of its own, as `tidegate monitor --html` makes it: `node monitor-worker.ts PROJECT FILE SINCE NOW`,
 * both times in Unix milliseconds. Prints one line of JSON.
 */
import { writeFileSync } from 'node:fs'
import { reportTemplate } from '@tidegate/dashboard'
import { monitoredSources, readFacts, writeReport } from '@tidegate/monitor'
import { openProject } from '@tidegate/project/open'
import { peakMemoryBytes } from './peak-memory.ts'

export interface MonitorWork {
  /** From opening the project to the written file. */
  readonly tookMs: number
  readonly openMs: number
  readonly readMs: number
  readonly writeMs: number
  readonly fileBytes: number
  readonly dataBytes: number
  readonly trimmed: readonly string[]
  /** Of this process, its start included. */
  readonly peakBytes: number | null
  readonly runs: number
  readonly files: number
}

async function main([directory = '', file = '', since = '', now = '']: readonly string[]): Promise<void> {
  const startedMs = performance.now()
  const nowMs = Number(now)
  const opened = await openProject({ directory, readOnly: true, what: 'bench', clock: { nowMs: () => nowMs } })
  if (opened.kind !== 'ok') throw new Error(JSON.stringify(opened))
  const { project } = opened
  const openedMs = performance.now()
  const facts = await readFacts(project.state, { sinceMs: Number(since), nowMs, sources: undefined })
  const readMs = performance.now()
  const report = await writeReport(await reportTemplate(), {
    version: '0.0.0',
    project: 'bench',
    command: 'npm run bench -- monitor',
    facts,
    context: { nowMs, config: monitoredSources(project.config) },
  })
  writeFileSync(file, report.html)
  const writtenMs = performance.now()
  await project.close()
  const work: MonitorWork = {
    tookMs: writtenMs - startedMs,
    openMs: openedMs - startedMs,
    readMs: readMs - openedMs,
    writeMs: writtenMs - readMs,
    fileBytes: report.bytes,
    dataBytes: report.dataBytes,
    trimmed: report.trimmed,
    peakBytes: peakMemoryBytes(process.pid),
    runs: facts.runs.total,
    files: facts.files.total,
  }
  process.stdout.write(`${JSON.stringify(work)}\n`)
}

await main(process.argv.slice(2))
