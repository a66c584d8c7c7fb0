import path from 'node:path'
import type { SchemaVersionFact, SourceConfig, TargetConfig } from '@tidegate/core'
import type { LineageDataset, LineageRun } from '@tidegate/notify'
import type { SourceReport } from '@tidegate/pipeline'
import { fillPath } from '@tidegate/pipeline/names'

/** What a run read and wrote, by OpenLineage's names. */
export function lineageOf(
  report: SourceReport,
  source: SourceConfig,
  schemas: readonly SchemaVersionFact[],
): LineageRun {
  const columns = newestColumns(schemas)
  const sum = (key: 'rowsRead' | 'bytes'): number => report.totals[key]
  const read = new Set(report.files.map((file) => file.path))
  return {
    run: report.run,
    source: report.source,
    command: 'ingest',
    isFailed: report.status === 'failed',
    startedAtMs: report.startedAtMs,
    endedAtMs: report.endedAtMs,
    errorCode: report.error?.code ?? null,
    inputs: [{ namespace: 'file', name: source.root, files: read.size, rows: sum('rowsRead'), bytes: sum('bytes') }],
    outputs: source.targets.flatMap((target) => outputsOf(report, source, target, columns)),
  }
}

type Columns = ReadonlyMap<string, LineageDataset['columns']>

/** By dataset. */
function newestColumns(schemas: readonly SchemaVersionFact[]): Columns {
  const ordered = schemas.toSorted((a, b) => a.firstSeenMs - b.firstSeenMs || a.seq - b.seq)
  return new Map(ordered.map(({ dataset, columns }) => [dataset, columns.map(({ name, type }) => ({ name, type }))]))
}

function outputsOf(
  report: SourceReport,
  source: SourceConfig,
  target: TargetConfig,
  columns: Columns,
): readonly LineageDataset[] {
  if (target.kind === 'none') return []
  const loaded = report.files.filter(
    (file) => file.status === 'loaded' && (source.targets.length === 1 || file.target === target.name),
  )
  return [...Map.groupBy(loaded, ({ dataset }) => dataset)].map(([dataset, files]) => ({
    ...nameOf(target, source.name, dataset),
    columns: columns.get(dataset),
    files: files.length,
    rows: files.reduce((rows, file) => rows + file.rowsLoaded, 0),
    bytes: target.kind === 'parquet' || target.kind === 'delta' ? bytesOf(files) : undefined,
  }))
}

/** Undefined where it is not known of one of them. */
function bytesOf(files: readonly { readonly bytesWritten?: number | undefined }[]): number | undefined {
  return files.some(({ bytesWritten }) => bytesWritten === undefined)
    ? undefined
    : files.reduce((sum, { bytesWritten = 0 }) => sum + bytesWritten, 0)
}

function nameOf(target: TargetConfig, source: string, dataset: string): Pick<LineageDataset, 'namespace' | 'name'> {
  const place = fillPath(target.path, source, dataset)
  const table = fillPath(target.table, source, dataset)
  if (target.kind === 'postgres') {
    // The connection string may hold user and password: host, port and database are all that is said.
    if (!URL.canParse(place)) return { namespace: 'postgres', name: table }
    const { hostname, port, pathname } = new URL(place)
    const named = table.includes('.') ? table : `public.${table}`
    return { namespace: `postgres://${hostname}:${port === '' ? '5432' : port}`, name: `${pathname.slice(1)}.${named}` }
  }
  return { namespace: 'file', name: target.kind === 'duckdb' ? path.join(place, table) : place }
}
