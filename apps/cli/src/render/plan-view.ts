import type { Band, RunEstimate } from '@tidegate/pipeline'
import type { IngestPlan, PlannedDataset, PlannedSource } from '@tidegate/project'
import { formatAmount, formatBytes, formatCount, formatDuration } from './format.ts'
import type { ViewContext } from './ingest-view.ts'
import { safeText } from './safe-text.ts'
import { renderTable } from './table.ts'

/** What a plan said, and what its run took. */
export interface PlanOutcome {
  readonly source: string
  readonly estimate: RunEstimate
  readonly planned: { readonly files: number; readonly bytes: number }
  readonly actual: {
    readonly files: number
    readonly bytes: number
    readonly rows: number
    readonly durationMs: number
    /** Of this process and its engine up to now; null where the system does not say. */
    readonly peakMemoryBytes: number | null
  }
}

const MAX_PLANNED = 40
const MAX_DATASETS = 12
const MAX_COLUMNS = 8

/** What an ingest would do. */
export function renderPlan(plan: IngestPlan, isKept: boolean, context: ViewContext): string {
  const blocks = plan.sources.map((source) => renderSource(source, context))
  if (isKept) {
    const command = `tidegate ingest --plan-id ${plan.id}    # exactly these files`
    blocks.push([context.style.bold('Next'), `  ${command}`].join('\n'))
  }
  return blocks.join('\n\n')
}

function renderSource(plan: PlannedSource, { style, width }: ViewContext): string {
  const apart = [
    `${plan.unchanged} unchanged`,
    `${plan.settling.length} settling`,
    ...(plan.waiting.length > 0 ? [`${plan.waiting.length} waiting`] : []),
    ...(plan.tooOld > 0 ? [`${plan.tooOld} too old`] : []),
  ].join(', ')
  const lines = [
    style.heading(safeText(plan.source)),
    `${formatAmount(plan.filesSeen, 'file')} seen, ${apart}; ${formatAmount(plan.files, 'file')} (${formatBytes(plan.bytes)}) in ${formatAmount(plan.batches, 'batch', 'batches')} to do. Nothing was changed.`,
  ]
  if (plan.items.length > 0) {
    lines.push(
      renderTable({
        width,
        paintHeader: (text) => style.dim(text),
        columns: [
          { title: 'action' },
          { title: 'file', cut: 'middle', min: 20 },
          { title: 'bytes', align: 'right' },
          { title: 'target' },
          { title: 'why' },
        ],
        rows: plan.items
          .slice(0, MAX_PLANNED)
          .map((item) => [item.action, item.path, formatBytes(item.bytes), item.target, item.why]),
      }),
    )
    const rest = plan.items.length - MAX_PLANNED
    if (rest > 0) lines.push(style.dim(`… and ${formatAmount(rest, 'more file')}; --output json names every file`))
    for (const dataset of plan.datasets.slice(0, MAX_DATASETS)) lines.push(...datasetLines(dataset))
    const others = plan.datasets.length - MAX_DATASETS
    if (others > 0) lines.push(style.dim(`… and ${formatAmount(others, 'more dataset')}`))
    lines.push(`estimate  ${estimateText(plan.estimate)}`)
  }
  lines.push(
    style.dim(`looking costs ${formatAmount(plan.calls.list, 'LIST')} and ${formatAmount(plan.calls.stat, 'stat')}`),
  )
  for (const { path, why } of plan.waiting.slice(0, MAX_PLANNED))
    lines.push(`waits  ${safeText(path)}: ${safeText(why)}`)
  for (const file of plan.unreadable)
    lines.push(style.bad(`${file.code}: ${safeText(file.path)}: ${safeText(file.message)}`))
  return lines.join('\n')
}

function datasetLines({ dataset, target, mode, partitionBy, schema, checks }: PlannedDataset): readonly string[] {
  const name = safeText(target === 'target' ? dataset : `${dataset} → ${target}`)
  const how = [
    ...(mode === 'append' ? [] : [mode]),
    ...(partitionBy.length > 0 ? [`by ${partitionBy.map((column) => safeText(column)).join(', ')}`] : []),
  ]
  return [
    `${name}${how.length > 0 ? ` (${how.join(', ')})` : ''}`,
    `  columns  ${schemaText(schema)}`,
    `  checks   ${checksText(checks)}`,
  ]
}

function schemaText({ fresh, added, widened, refused, filesNotSeen }: PlannedDataset['schema']): string {
  if (fresh && added.length === 0 && refused.length === 0) return 'new table; known once its files are read'
  const named = (items: readonly string[]): string =>
    `${items.slice(0, MAX_COLUMNS).join(', ')}${items.length > MAX_COLUMNS ? `, … (${items.length})` : ''}`
  const parts = [
    ...(added.length > 0
      ? [`${fresh ? 'new table' : 'added'}: ${named(added.map(({ name, type }) => safeText(`${name} ${type}`)))}`]
      : []),
    ...(widened.length > 0
      ? [`widened: ${named(widened.map(({ name, from, to }) => safeText(`${name} ${from} → ${to}`)))}`]
      : []),
    ...refused.map((because) => `refused: ${safeText(because)}`),
  ]
  const known = parts.length === 0 ? 'no change' : parts.join('; ')
  return filesNotSeen === 0 ? known : `${known} (${formatAmount(filesNotSeen, 'file')} not looked into)`
}

function checksText(checks: PlannedDataset['checks']): string {
  if (checks === null) return 'no contract'
  const { contract, byFooters, byScan, byOwnQuery } = checks
  const how =
    byFooters === null
      ? ''
      : `: ${byFooters} by footers and columns, ${byScan ?? 0} in one scan, ${byOwnQuery ?? 0} by queries of their own`
  return `${checks.checks} of ${safeText(contract)}${how}`
}

function estimateText({ runs, durationMs, rows, bytesPerSecond, peakMemoryBytes }: RunEstimate): string {
  if (durationMs === null) return 'none: no finished run of this source is known'
  const parts = [
    bandText(durationMs, formatDuration),
    ...(rows === null ? [] : [`${bandText(rows, formatCount)} rows`]),
    ...(peakMemoryBytes === null ? [] : [`memory up to ${bandText(peakMemoryBytes, formatBytes)}`]),
    ...(bytesPerSecond === null ? [] : [`${bandText(bytesPerSecond, formatBytes)}/s`]),
  ]
  return `${parts.join(', ')} (from ${formatAmount(runs, 'run')})`
}

function bandText({ low, high }: Band, format: (value: number) => string): string {
  const [least, most] = [format(low), format(high)]
  return least === most ? least : `${least} – ${most}`
}

/** The estimate of a plan beside what its run took. */
export function renderOutcomes(id: string, outcomes: readonly PlanOutcome[], { style, width }: ViewContext): string {
  const rows = outcomes.flatMap(({ source, estimate, planned, actual }) => [
    [source, 'files', formatCount(planned.files), formatCount(actual.files)],
    [source, 'bytes', formatBytes(planned.bytes), formatBytes(actual.bytes)],
    [source, 'rows', bandOrNone(estimate.rows, formatCount), formatCount(actual.rows)],
    [source, 'time', bandOrNone(estimate.durationMs, formatDuration), formatDuration(actual.durationMs)],
    [source, 'memory', bandOrNone(estimate.peakMemoryBytes, formatBytes), formatBytes(actual.peakMemoryBytes)],
  ])
  if (rows.length === 0) return `plan ${id}: nothing to do`
  const columns = [{ title: 'source' }, { title: 'of' }, { title: 'plan', align: 'right' as const }, { title: 'run', align: 'right' as const }] // prettier-ignore
  return `${style.bold(`Plan ${id}`)}\n${renderTable({ width, paintHeader: (text) => style.dim(text), columns, rows })}`
}

function bandOrNone(band: Band | null, format: (value: number) => string): string {
  return band === null ? '–' : bandText(band, format)
}
