/** A run as an OpenLineage run event (spec 2-0-2), for catalogues that draw lineage. Names, counts and codes only. */
import type { JsonValue, OutboxNotice } from '@tidegate/core'
import { digest } from '../digest.ts'

export interface LineageRun {
  readonly run: string
  readonly source: string
  readonly command: string
  readonly isFailed: boolean
  readonly startedAtMs: number
  readonly endedAtMs: number
  readonly errorCode: string | null
  readonly inputs: readonly LineageDataset[]
  readonly outputs: readonly LineageDataset[]
}

/** By the naming rules of OpenLineage: `file` and a path, `s3://bucket` and a key, `postgres://host:port` and `db.schema.table`. */
export interface LineageDataset {
  readonly namespace: string
  readonly name: string
  readonly files: number
  readonly rows: number
  readonly bytes?: number | undefined
  readonly columns?: readonly { readonly name: string; readonly type: string }[] | undefined
}

/**
 * The events of a run for one channel of kind `openlineage`, ready for the outbox: its start and its end, as the specification
 * asks for. Both are known when it is over.
 */
export function composeRunEvents(
  run: LineageRun,
  channel: { readonly name: string; readonly namespace: string },
): readonly [start: OutboxNotice, end: OutboxNotice] {
  const key = (what: string): string => `tg_${digest(['lineage', channel.name, run.source, run.run, what])}`
  const common = { channel: channel.name, event: 'lineage' }
  // The older goes first.
  const startMs = Math.min(run.startedAtMs, run.endedAtMs - 1)
  return [
    { ...common, key: key('start'), payload: startEvent(run, channel.namespace), createdAtMs: startMs },
    { ...common, key: key('end'), payload: endEvent(run, channel.namespace), createdAtMs: run.endedAtMs },
  ]
}

/** A URI that names who says it; nobody has to be able to open it. */
const PRODUCER = 'urn:tidegate:notify'
const SPEC = 'https://openlineage.io/spec'

type Facets = Readonly<Record<string, JsonValue>>

function startEvent(run: LineageRun, namespace: string): Facets {
  return {
    ...eventOf(run, namespace, 'START', run.startedAtMs, {}),
    inputs: run.inputs.map(({ name, namespace: at }) => ({ namespace: at, name })),
    outputs: run.outputs.map(({ name, namespace: at }) => ({ namespace: at, name })),
  }
}

function endEvent(run: LineageRun, namespace: string): Facets {
  const { isFailed, errorCode } = run
  const failed: Facets =
    isFailed && errorCode !== null
      ? {
          errorMessage: facet('1-0-1/ErrorMessageRunFacet', { message: errorCode, programmingLanguage: 'JavaScript' }),
        }
      : {}
  return {
    ...eventOf(run, namespace, isFailed ? 'FAIL' : 'COMPLETE', run.endedAtMs, failed),
    inputs: run.inputs.map((one) => ({
      ...datasetOf(one),
      inputFacets: { inputStatistics: facet('1-0-0/InputStatisticsInputDatasetFacet', statisticsOf(one)) },
    })),
    outputs: run.outputs.map((one) => ({
      ...datasetOf(one),
      outputFacets: { outputStatistics: facet('1-0-2/OutputStatisticsOutputDatasetFacet', statisticsOf(one)) },
    })),
  }
}

function eventOf(run: LineageRun, namespace: string, eventType: string, atMs: number, facets: Facets): Facets {
  const engine = facet('1-1-1/ProcessingEngineRunFacet', { version: '1', name: 'Tidegate' })
  const jobType = facet('2-0-3/JobTypeJobFacet', {
    processingType: 'BATCH',
    integration: 'TIDEGATE',
    jobType: run.command.toUpperCase(),
  })
  return {
    eventType,
    eventTime: new Date(atMs).toISOString(),
    producer: PRODUCER,
    schemaURL: `${SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent`,
    run: { runId: uuidOf(run), facets: { ...facets, processing_engine: engine } },
    job: { namespace, name: `${run.command}.${run.source}`, facets: { jobType } },
  }
}

function datasetOf({ namespace, name, columns }: LineageDataset): Readonly<Record<string, JsonValue>> {
  if (columns === undefined) return { namespace, name, facets: {} }
  const fields = columns.map((column) => ({ name: column.name, type: column.type }))
  return { namespace, name, facets: { schema: facet('1-1-1/SchemaDatasetFacet', { fields }) } }
}

function statisticsOf({ rows, files, bytes }: LineageDataset): Record<string, JsonValue> {
  return { rowCount: rows, fileCount: files, ...(bytes === undefined ? {} : { size: bytes }) }
}

/** `1-0-0/Name` → the facet with its schema, as each facet must name it. */
function facet(schema: string, content: Record<string, JsonValue>): Record<string, JsonValue> {
  const [version = '', name = ''] = schema.split('/')
  return { _producer: PRODUCER, _schemaURL: `${SPEC}/facets/${version}/${name}.json#/$defs/${name}`, ...content }
}

/** OpenLineage wants a UUID; this one (version 8) follows from source and run, so that a repeated event is the same run. */
function uuidOf({ source, run }: LineageRun): string {
  const hex = digest(['lineage run', source, run])
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
