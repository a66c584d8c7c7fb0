import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { count, exact } from '../format/amounts.ts'
import { hrefWith } from '../state/app.ts'
import { filterCommand } from '../state/filter-command.ts'
import { RunDesk } from '../operations/run-desk.tsx'
import { useShown, useView } from '../state/shown.ts'
import { Card, Empty, PageHead } from '../ui/card.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { Bytes, Count, Duration, Name, When } from '../ui/number.tsx'
import { Grid } from '../ui/slice.tsx'
import { runHealth, Status } from '../ui/status.tsx'
import { Figure } from './overview-page.tsx'
import { RunTable } from './run-table.tsx'
import { RunTimeline } from './run-timeline.tsx'

export function RunsPage(): JSX.Element | null {
  const { address, filter } = useShown()
  const view = useView('timeline')
  const { params } = address
  const status = params.get('status')
  const runs = useMemo(
    () => view.runs.filter((run) => status === null || run.status === status).toReversed(),
    [view, status],
  )
  const total = status === null ? view.runsTotal : (view.byStatus.find((one) => one.status === status)?.count ?? 0)
  return (
    <>
      <PageHead title="Runs" summary={view.summary} />
      {view.runs.length === 0 ? (
        <Grid>
          <RunDesk />
          <Card title="Runs">
            <Empty title="No run in this window" command={filterCommand('timeline', filter)}>
              Choose a longer window, or start one with <code>tidegate ingest</code>.
            </Empty>
          </Card>
        </Grid>
      ) : (
        <Grid>
          <RunDetail />
          <RunDesk />
          <RunTimeline runs={runs} total={total} />
          <Card
            title="List of runs"
            summary={
              runs.length < total
                ? `The newest ${exact(runs.length)} of ${exact(total)} runs; a shorter stretch of time has those before.`
                : `${exact(total)} ${total === 1 ? 'run' : 'runs'} of this window.`
            }
          >
            <div class="segments" role="group" aria-label="Status">
              <a href={hrefWith({ status: null })} aria-current={status === null ? 'true' : undefined}>
                all
              </a>
              {view.byStatus.map((one) => (
                <a
                  key={one.status}
                  href={hrefWith({ status: one.status })}
                  aria-current={one.status === status ? 'true' : undefined}
                >
                  {one.status} {count(one.count)}
                </a>
              ))}
            </div>
            <RunTable runs={runs} total={total} />
          </Card>
          <Annotations />
        </Grid>
      )}
    </>
  )
}

function RunDetail(): JSX.Element | null {
  const { address, facts } = useShown()
  const id = address.params.get('run')
  if (id === null) return null
  const run = facts.runs.items.find((one) => one.id === id)
  const failures = facts.failures.items.filter((failure) => failure.run === id)
  const close = (
    <a class="small" href={hrefWith({ run: null })}>
      Close
    </a>
  )
  if (run === undefined) {
    return (
      <Card title="Run" actions={close}>
        <Empty title="This run is not in this window">{id.slice(0, 100)}</Empty>
      </Card>
    )
  }
  const files = { page: 'files' as const, params: { source: run.source, run: run.id } }
  return (
    <Card
      title={`Run ${run.id.slice(0, 80)}`}
      summary={`${run.command} of ${run.source.slice(0, 120)}`}
      actions={close}
    >
      <dl class="figures">
        <Figure label="Status">
          <Status health={runHealth(run.status)} word={run.status} />
        </Figure>
        <Figure label="Started">
          <When at={new Date(run.startedAtMs).toISOString()} />
        </Figure>
        <Figure label="Took">
          <Duration value={run.endedAtMs === null ? null : run.endedAtMs - run.startedAtMs} />
        </Figure>
        <Figure label="Files loaded">
          <Count value={run.filesLoaded} link={files} />
        </Figure>
        <Figure label="Files held">
          <Count value={run.filesHeld} link={{ page: 'files', params: { ...files.params, outcome: 'held' } }} />
        </Figure>
        <Figure label="Rows loaded">
          <Count value={run.rowsLoaded} link={files} />
        </Figure>
        <Figure label="Rows rejected">
          <Count value={run.rowsRejected} link={files} />
        </Figure>
        <Figure label="Read">
          <Bytes value={run.bytesRead} link={files} />
        </Figure>
      </dl>
      {run.errorMessage === null ? null : (
        <p class="notice wrap">
          <code>{run.errorCode}</code> {run.errorMessage.slice(0, 2000)}
        </p>
      )}
      {failures.length === 0 ? null : (
        <DataTable
          caption="Files that could not be judged"
          rows={failures}
          pageRows={20}
          columns={[
            { label: 'File', value: (row) => row.path, cell: (row) => <Name text={row.path} /> },
            { label: 'Code', value: (row) => row.code },
            { label: 'Said', kind: 'text', value: (row) => row.message, cell: (row) => <Name text={row.message} /> },
            { label: 'Tries', kind: 'number', value: (row) => row.attempts },
          ]}
        />
      )}
    </Card>
  )
}

function Annotations(): JSX.Element | null {
  const view = useView('timeline')
  if (view.annotations.length === 0) return null
  return (
    <Card title="Meanwhile" summary="Changes of schema and contract, repairs and replays.">
      <DataTable
        caption="What happened beside the runs, newest first"
        rows={view.annotations.toReversed()}
        total={view.annotationsTotal}
        pageRows={20}
        columns={[
          { label: 'When', kind: 'nowrap', value: (row) => row.at, cell: (row) => <When at={row.at} /> },
          { label: 'What', kind: 'nowrap', value: (row) => row.kind, cell: (row) => row.kind.replace('-', ' ') },
          {
            label: 'Dataset',
            value: (row) => row.dataset ?? row.source,
            cell: (row) => <Name text={row.dataset ?? row.source} />,
          },
          {
            label: 'In words',
            kind: 'text',
            value: (row) => row.text,
            cell: (row) => <Name text={row.text} link={row.link} />,
          },
        ]}
      />
    </Card>
  )
}
