/**
 * One ingest in a process of its own, as the command line runs it: `node ingest-worker.ts PROJECT`. Prints one line of JSON:
 * milliseconds from opening the project to its closing, milliseconds per phase, peak memory of both processes.
 */
import diagnostics from 'node:diagnostics_channel'
import { ingestSource } from '@tidegate/pipeline'
import { openProject, PHASE_CHANNEL } from '@tidegate/project'
import { cpuMs, peakMemoryBytes } from './peak-memory.ts'

export interface IngestReport {
  readonly tookMs: number
  readonly loaded: number
  readonly held: number
  readonly unchanged: number
  readonly rowsLoaded: number
  readonly rowsRejected: number
  readonly error: string | null
  /** Sum per phase: the time from the mark before it to its own. */
  readonly phasesMs: Readonly<Record<string, number>>
  /** Of this process, user and system. */
  readonly cpuMs: number
  readonly parentPeakBytes: number | null
  readonly enginePeakBytes: number | null
  readonly parentCpuMs: number
  /** Of this process since its code is loaded: what `tookMs` covers. */
  readonly workCpuMs: number
  readonly engineCpuMs: number | null
}

async function main(directory: string): Promise<void> {
  const startedMs = performance.now()
  const startedCpu = process.cpuUsage()
  let lastMs = startedMs
  const phases = new Map<string, number>()
  const note = (phase: string): void => {
    const nowMs = performance.now()
    phases.set(phase, (phases.get(phase) ?? 0) + nowMs - lastMs)
    lastMs = nowMs
  }
  diagnostics.subscribe(PHASE_CHANNEL, (message) => note((message as { readonly phase: string }).phase))
  const opened = await openProject({ directory, what: 'bench' })
  if (opened.kind !== 'ok') throw new Error(JSON.stringify(opened))
  const { project } = opened
  note('opened')
  const [source] = project.config.sources
  if (source === undefined) throw new Error('the project has no source')
  const report = await ingestSource(
    source,
    { force: false, workers: project.config.workers, gate: {}, exclude: project.exclude },
    project.effects,
  )
  const enginePeakBytes = project.engine.pid === undefined ? null : peakMemoryBytes(project.engine.pid)
  const engineCpuMs = project.engine.pid === undefined ? null : cpuMs(project.engine.pid)
  await project.close()
  note('project-closed')
  const answer: IngestReport = {
    tookMs: performance.now() - startedMs,
    loaded: report.totals.loaded,
    held: report.totals.held,
    unchanged: report.filesUnchanged,
    rowsLoaded: report.totals.rowsLoaded,
    rowsRejected: report.totals.rowsQuarantined,
    error: report.error?.message ?? null,
    phasesMs: Object.fromEntries([...phases].map(([phase, took]) => [phase, Math.round(took * 10) / 10])),
    cpuMs: (process.cpuUsage().user + process.cpuUsage().system) / 1000,
    parentPeakBytes: peakMemoryBytes(process.pid),
    enginePeakBytes,
    parentCpuMs: (process.cpuUsage().user + process.cpuUsage().system) / 1000,
    workCpuMs: (process.cpuUsage(startedCpu).user + process.cpuUsage(startedCpu).system) / 1000,
    engineCpuMs,
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}

await main(process.argv[2] ?? '.')
