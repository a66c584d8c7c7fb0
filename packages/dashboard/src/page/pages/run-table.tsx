import type { TimelineRun } from '@tidegate/monitor'
import type { JSX } from 'preact'
import { hrefWith } from '../state/app.ts'
import { useShown } from '../state/shown.ts'
import { DataTable } from '../ui/data-table.tsx'
import { Count, Duration, Name, When } from '../ui/number.tsx'
import { runHealth, Status } from '../ui/status.tsx'

/** Runs of a window, each with the files behind its numbers. */
export function RunTable({ runs, total }: { runs: readonly TimelineRun[]; total?: number | undefined }): JSX.Element {
  const { address } = useShown()
  return (
    <DataTable
      caption="Runs, newest first"
      rows={runs}
      total={total}
      isCurrent={(row) => row.run === address.params.get('run')}
      columns={[
        {
          label: 'Started',
          kind: 'nowrap',
          value: (row) => row.startedAt,
          cell: (row) => (
            <a href={hrefWith({ run: row.run })}>
              <When at={row.startedAt} />
            </a>
          ),
        },
        { label: 'Source', value: (row) => row.source, cell: (row) => <Name text={row.source} /> },
        {
          label: 'Status',
          value: (row) => row.status,
          cell: (row) => <Status health={runHealth(row.status)} word={row.status} />,
        },
        { label: 'Command', value: (row) => row.command },
        {
          label: 'Took',
          kind: 'number',
          value: (row) => row.durationMs,
          cell: (row) => <Duration value={row.durationMs} />,
        },
        { label: 'Rows read', kind: 'count', value: (row) => row.rowsRead, link: (row) => filesOf(row) },
        { label: 'Loaded', kind: 'count', value: (row) => row.rowsLoaded, link: (row) => filesOf(row) },
        { label: 'Rejected', kind: 'count', value: (row) => row.rowsRejected, link: (row) => filesOf(row) },
        { label: 'Files', kind: 'count', value: (row) => row.filesLoaded, link: (row) => filesOf(row) },
        {
          label: 'Held',
          kind: 'number',
          value: (row) => row.filesHeld,
          cell: (row) => (
            <Count
              value={row.filesHeld}
              link={{ page: 'files', params: { source: row.source, run: row.run, outcome: 'held' } }}
            />
          ),
        },
        { label: 'Failed', kind: 'number', value: (row) => row.filesFailed },
        {
          label: 'Error',
          value: (row) => row.errorCode,
          cell: (row) =>
            row.errorCode === null ? <span class="muted">–</span> : <code>{row.errorCode.slice(0, 60)}</code>,
        },
      ]}
    />
  )
}

function filesOf(run: TimelineRun): { page: 'files'; params: Record<string, string> } {
  return { page: 'files', params: { source: run.source, run: run.run } }
}
