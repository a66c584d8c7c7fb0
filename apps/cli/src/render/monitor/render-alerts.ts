/** The sections about what somebody should know: alerts, changes of schemas, and the report itself. */
import type { AlertsView, ReportView, SchemasView } from '@tidegate/monitor'
import { formatAge, formatBytes, formatCount, NONE } from '../format.ts'
import { safeText } from '../safe-text.ts'
import { amount, cutNote, paintStatus, renderRows, renderSection, timeMs, type Canvas } from './section.ts'

const INCIDENTS = 15
const CHANGES = 15
const DATASETS = 20

export function renderAlerts(view: AlertsView, canvas: Canvas): string {
  const shown = view.items.slice(0, INCIDENTS)
  const table = renderRows(
    canvas,
    [
      { title: 'status', paint: paintStatus(canvas.style) },
      { title: 'severity', paint: paintStatus(canvas.style) },
      { title: 'source', cut: 'middle' },
      { title: 'since' },
      { title: 'times', align: 'right' },
      { title: 'what', min: 24 },
    ],
    shown.map((item) => [
      item.status,
      item.severity,
      item.dataset === null || item.dataset === item.source ? item.source : `${item.source}/${item.dataset}`,
      formatAge(canvas.nowMs, timeMs(item.since)),
      formatCount(item.occurrences),
      item.title,
    ]),
  )
  const todo = shown
    .filter(({ status }) => status === 'open')
    .map(({ suggestion, command }) => `  ${safeText(suggestion)}\n    ${canvas.style.dim(`→ ${safeText(command)}`)}`)
  return renderSection(canvas, 'Alerts', view.summary, [
    table,
    cutNote(canvas, shown.length, view.total, 'incidents'),
    [...new Set(todo)].slice(0, 5).join('\n'),
  ])
}

export function renderSchemas(view: SchemasView, canvas: Canvas): string {
  const shown = view.changes.slice(0, CHANGES)
  const changes = renderRows(
    canvas,
    [{ title: 'when' }, { title: 'kind' }, { title: 'dataset', cut: 'middle' }, { title: 'what', min: 24 }],
    shown.map((item) => [
      formatAge(canvas.nowMs, timeMs(item.at)),
      item.breaking ? `${item.kind} ✗ breaking` : item.kind,
      `${item.source}/${item.dataset}`,
      item.text,
    ]),
  )
  const datasets = renderRows(
    canvas,
    [
      { title: 'dataset', cut: 'middle' },
      { title: 'versions', align: 'right' },
      { title: 'columns', align: 'right' },
      { title: 'newest since' },
    ],
    view.datasets
      .slice(0, DATASETS)
      .map(({ source, dataset, versions, columns }) => [
        `${source}/${dataset}`,
        formatCount(versions.length),
        formatCount(columns.length),
        formatAge(canvas.nowMs, timeMs(versions.at(-1)?.firstSeenAt ?? null)),
      ]),
  )
  return renderSection(canvas, 'Schemas', view.summary, [
    changes,
    cutNote(canvas, shown.length, view.changesTotal, 'changes'),
    datasets,
    cutNote(canvas, Math.min(DATASETS, view.datasets.length), view.datasets.length, 'datasets'),
  ])
}

export function renderReport(view: ReportView, canvas: Canvas): string {
  const counts = view.counts.map(({ name, count }) => {
    const plural = name.replaceAll('-', ' ')
    return name === 'bytes' ? formatBytes(count) : amount(count, plural.replace(/s$/, ''), plural)
  })
  const lists = renderRows(
    canvas,
    [{ title: 'list' }, { title: 'section' }, { title: 'shown', align: 'right' }, { title: 'of', align: 'right' }],
    view.lists
      .filter(({ shown, total }) => shown < total)
      .map(({ name, section, shown, total }) => [name, section, formatCount(shown), formatCount(total)]),
  )
  const notes = view.notes.map((note) => `  ${safeText(note)}`).join('\n')
  return renderSection(canvas, 'Report', view.summary, [
    `  ${counts.join(' · ')}`,
    lists,
    notes,
    [
      canvas.style.dim(`  Tidegate ${safeText(view.version ?? NONE)}; to make it again:`),
      canvas.style.dim(`    → ${safeText(view.command ?? NONE)}`),
    ].join('\n'),
  ])
}
