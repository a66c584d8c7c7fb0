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

/** The run event for one channel of kind `openlineage`, ready for the outbox. */
export function composeRunEvent(
  run: LineageRun,
  channel: { readonly name: string; readonly namespace: string },
): OutboxNotice {
  return {
    key: `tg_${digest(['lineage', channel.name, run.source, run.run])}`,
    channel: channel.name,
    event: 'lineage',
    payload: runEvent(run, channel.namespace),
    createdAtMs: run.endedAtMs,
  }
}

const PRODUCER = 'https://www.npmjs.com/package/@tidegate/notify'
const SPEC = 'https://openlineage.io/spec'

function runEvent(run: LineageRun, namespace: string): Readonly<Record<string, JsonValue>> {
  const failed: Record<string, JsonValue> =
    run.isFailed && run.errorCode !== null
      ? {
          errorMessage: facet('1-0-1/ErrorMessageRunFacet', {
            message: run.errorCode,
            programmingLanguage: 'JavaScript',
          }),
        }
      : {}
  return {
    eventType: run.isFailed ? 'FAIL' : 'COMPLETE',
    eventTime: new Date(run.endedAtMs).toISOString(),
    producer: PRODUCER,
    schemaURL: `${SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent`,
    run: {
      runId: uuidOf(run),
      facets: {
        ...failed,
        processing_engine: facet('1-1-1/ProcessingEngineRunFacet', { version: '1', name: 'Tidegate' }),
        nominalTime: facet('1-0-1/NominalTimeRunFacet', { nominalStartTime: new Date(run.startedAtMs).toISOString() }),
      },
    },
    job: {
      namespace,
      name: `${run.command}.${run.source}`,
      facets: {
        jobType: facet('2-0-3/JobTypeJobFacet', {
          processingType: 'BATCH',
          integration: 'TIDEGATE',
          jobType: run.command.toUpperCase(),
        }),
      },
    },
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
