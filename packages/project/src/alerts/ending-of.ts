import type { Config, FactReader, RunEnding, RunRecord } from '@tidegate/core'
import { composeRunEvents, signalsOf, type EndedRun } from '@tidegate/notify'
import type { SourceReport } from '@tidegate/pipeline'
import type { State } from '@tidegate/state'
import { lineageOf } from './lineage-of.ts'
import { schemaChangesSince } from './schema-changes.ts'

/** What an ending looks up. */
export type EndingFacts = Pick<State, 'listQuarantine' | 'listSchemas'> & Partial<FactReader>

/**
 * What the end of a run says: signals for the alert engine, and events for channels that take lineage. What is wrong is said
 * whether or not anybody is told of it; news only where there is somebody to tell.
 */
export async function endingOf(report: SourceReport, config: Config, facts: EndingFacts): Promise<RunEnding> {
  const source = config.sources.find(({ name }) => name === report.source)
  if (source === undefined) return {}
  const loaded = report.files.filter(({ status }) => status === 'loaded')
  const schemas = loaded.length === 0 ? [] : await facts.listSchemas({ source: report.source })
  const signals = signalsOf({
    run: {
      id: report.run,
      command: 'ingest',
      source: report.source,
      status: report.status,
      startedAtMs: report.startedAtMs,
      endedAtMs: report.endedAtMs,
      filesLoaded: report.totals.loaded,
      filesFailed: report.totals.failed,
      errorCode: report.error?.code ?? null,
    },
    held: report.files.filter(({ status }) => status === 'held'),
    stillHeld: await heldDatasets(report.source, facts),
    arrived: arrivedOf(report),
    outputs: outputsOf(loaded),
    schemaChanges: schemaChangesSince(schemas, report.startedAtMs),
  })
  const channels = config.channels.flatMap((channel) =>
    channel.kind === 'openlineage' && source.notify.includes(channel.name) ? [channel] : [],
  )
  const isOver = report.status !== 'interrupted' && report.status !== 'running'
  const lineage = channels.length === 0 || !isOver ? undefined : lineageOf(report, source, schemas)
  return {
    signals: source.notify.length > 0 ? signals : signals.filter(({ effect }) => effect !== 'news'),
    notices: lineage === undefined ? [] : channels.flatMap((channel) => composeRunEvents(lineage, channel)),
  }
}

/**
 * What the end of a command over quarantine says. What it holds still was told when it was held, and who runs the command
 * sees it: only what is over by it is said, and that it failed.
 */
export async function endingOfSettled(run: RunRecord, facts: EndingFacts): Promise<RunEnding> {
  const ended: EndedRun = {
    run,
    held: [],
    stillHeld: await heldDatasets(run.source, facts),
    arrived: { files: 0, bytes: 0 },
    outputs: [],
    schemaChanges: [],
  }
  const signals = signalsOf(ended)
  return { signals: signals.filter(({ effect, kind }) => effect === 'resolve' || kind === 'run_failed') }
}

async function heldDatasets(source: string, facts: EndingFacts): Promise<readonly string[]> {
  const open = await facts.listQuarantine({ source, status: 'open' })
  return [...new Set(open.flatMap(({ kind, dataset }) => (kind === 'held' ? [dataset] : [])))]
}

/** A file that goes to two targets arrived once. */
function arrivedOf({ files }: SourceReport): EndedRun['arrived'] {
  const bytes = new Map(
    files.flatMap((file) => (file.status === 'waiting' || file.status === 'failed' ? [] : [[file.path, file.bytes]])),
  )
  return { files: bytes.size, bytes: [...bytes.values()].reduce((sum, size) => sum + size, 0) }
}

function outputsOf(loaded: SourceReport['files']): EndedRun['outputs'] {
  return [...Map.groupBy(loaded, ({ dataset }) => dataset)].map(([dataset, files]) => ({
    dataset,
    files: files.length,
    rows: files.reduce((sum, { rowsLoaded }) => sum + rowsLoaded, 0),
  }))
}
