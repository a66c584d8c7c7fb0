import type { TimelineRun } from '@tidegate/monitor'
import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { MOST_SIZED, timelineOption } from '../charts/timeline.ts'
import { count, exact } from '../format/amounts.ts'
import { go, hrefOf, hrefWith } from '../state/app.ts'
import { filterCommand } from '../state/filter-command.ts'
import { useShown, useView } from '../state/shown.ts'
import { Card, Empty, PageHead } from '../ui/card.tsx'
import { Chart } from '../ui/chart.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { Bytes, Count, Duration, Name, When } from '../ui/number.tsx'
import { Grid } from '../ui/slice.tsx'
import { runHealth, Status } from '../ui/status.tsx'
import { Figure } from './overview-page.tsx'

export function RunsPage(): JSX.Element | null {
  const { address, filter } = useShown()
  const view = useView('timeline')
  const { params } = address
  const status = params.get('status')
  const runs = useMemo(
    () => view.runs.filter((run) => status === null || run.status === status).toReversed(),
    [view, status],
  )
  return (
    <>
      <PageHead title="Runs" summary={view.summary} />
      {view.runs.length === 0 ? (
        <Card title="Runs">
          <Empty title="No run in this window" command={filterCommand('timeline', filter)}>
            Choose a longer window, or start one with <code>tidegate ingest</code>.
          </Empty>
        </Card>
      ) : (
        <Grid>
          <RunDetail />
          <Timeline runs={runs} />
          <Card
            title="List of runs"
            summary={`${exact(view.runs.length)} of ${exact(view.runsTotal)} runs of this window.`}
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
            <RunTable runs={runs} />
          </Card>
          <Annotations />
        </Grid>
      )}
    </>
  )
}

function Timeline({ runs }: { runs: readonly TimelineRun[] }): JSX.Element | null {
  const view = useView('timeline')
  const option = useMemo(() => {
    // The run's id comes last: thousands of addresses are not put together one by one.
    const href = hrefOf('runs', { run: '' })
    const points = runs.map((run) => ({
      atMs: Date.parse(run.startedAt),
      durationMs: run.durationMs ?? 0,
      rows: run.rowsRead,
      status: run.status,
      tone: run.status === 'nothing-new' ? ('unknown' as const) : runHealth(run.status),
      name: `${run.source.slice(0, 40)} ${run.startedAt.slice(0, 16).replace('T', ' ')}`,
      href: `${href}${encodeURIComponent(run.run)}`,
    }))
    const annotations = view.annotations.map(({ at, kind }) => ({
      atMs: Date.parse(at),
      text: kind.replace('-', ' '),
    }))
    return (palette: Parameters<typeof timelineOption>[1], summary: string, width: number) =>
      timelineOption({ points, annotations, width }, palette, summary)
  }, [runs, view])
  return (
    <Chart
      title="Timeline"
      height={320}
      points={runs.length}
      summary={`${view.summary} Height is how long a run took${runs.length > MOST_SIZED ? '' : ', size how many rows it read'}; drag over the chart to look at a stretch of time.`}
      option={option}
      onRange={(sinceMs, untilMs) =>
        go(hrefWith({ window: null, since: new Date(sinceMs).toISOString(), until: new Date(untilMs).toISOString() }))
      }
      table={<RunTable runs={runs} />}
    />
  )
}

function RunTable({ runs }: { runs: readonly TimelineRun[] }): JSX.Element {
  const { address } = useShown()
  return (
    <DataTable
      caption="Runs, newest first"
      rows={runs}
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
