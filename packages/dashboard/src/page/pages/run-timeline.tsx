import type { TimelineBin, TimelineRun } from '@tidegate/monitor'
import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { MOST_SIZED, timelineOption, type TimelinePoint } from '../charts/timeline.ts'
import { count } from '../format/amounts.ts'
import { duration, moment } from '../format/times.ts'
import { go, hrefOf, hrefOfLink, hrefWith } from '../state/app.ts'
import { useShown, useView } from '../state/shown.ts'
import { Chart } from '../ui/chart.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { Duration } from '../ui/number.tsx'
import { runHealth, Status } from '../ui/status.tsx'
import { RunTable } from './run-table.tsx'

/** More runs are drawn as hours or days: nobody finds one among so many points. */
const MOST_SINGLE = 1500

/**
 * When something ran and for how long: each run, or, where there are too many or not all are listed, all that began in one
 * hour or day and ended alike. A click on such a point leads to its stretch of time, where the single runs are.
 */
export function RunTimeline({ runs, total }: { runs: readonly TimelineRun[]; total: number }): JSX.Element {
  const view = useView('timeline')
  const { address } = useShown()
  const status = address.params.get('status')
  const bins = useMemo(() => view.bins.filter((bin) => status === null || bin.status === status), [view, status])
  const areSingle = total <= MOST_SINGLE && runs.length === total
  const option = useMemo(() => {
    const points = areSingle ? pointsOfRuns(runs) : pointsOfBins(bins, view.binStep)
    const annotations = view.annotations.map(({ at, kind }) => ({
      atMs: Date.parse(at),
      text: kind.replace('-', ' '),
    }))
    const sized = areSingle ? undefined : true
    return (palette: Parameters<typeof timelineOption>[1], summary: string, width: number) =>
      timelineOption({ points, annotations, width, sized }, palette, summary)
  }, [runs, bins, view, areSingle])
  const drawn = areSingle
    ? `Height is how long a run took${runs.length > MOST_SIZED ? '' : ', size how many rows it read'}`
    : `These are too many for a point each: a point is all runs of one ${view.binStep} that ended alike, its height their median duration, its size how many they are; choose one to see its runs`
  return (
    <Chart
      title="Timeline"
      height={320}
      points={areSingle ? runs.length : bins.length}
      summary={`${view.summary} ${drawn}; drag over the chart to look at a stretch of time.`}
      option={option}
      onRange={(sinceMs, untilMs) =>
        go(hrefWith({ window: null, since: new Date(sinceMs).toISOString(), until: new Date(untilMs).toISOString() }))
      }
      table={areSingle ? <RunTable runs={runs} /> : <BinTable bins={bins} step={view.binStep} />}
    />
  )
}

function pointsOfRuns(runs: readonly TimelineRun[]): readonly TimelinePoint[] {
  // The run's id comes last: thousands of addresses are not put together one by one.
  const href = hrefOf('runs', { run: '' })
  return runs.map((run) => ({
    atMs: Date.parse(run.startedAt),
    durationMs: run.durationMs ?? 0,
    weight: run.rowsRead,
    status: run.status,
    tone: toneOf(run.status),
    name: `${run.source.slice(0, 40)} ${run.startedAt.slice(0, 16).replace('T', ' ')}`,
    href: `${href}${encodeURIComponent(run.run)}`,
  }))
}

const STEP_MS = { hour: 3_600_000, day: 86_400_000 } as const

function pointsOfBins(bins: readonly TimelineBin[], step: 'hour' | 'day'): readonly TimelinePoint[] {
  return bins.map((bin) => ({
    atMs: Date.parse(bin.at) + STEP_MS[step] / 2,
    durationMs: bin.durationMsP50 ?? 0,
    weight: bin.runs,
    status: bin.status,
    tone: toneOf(bin.status),
    name: `${count(bin.runs)} of the ${step} ${moment(bin.at)}, longest ${duration(bin.durationMsMax)}`,
    href: hrefOfLink(bin.link),
  }))
}

function toneOf(status: string): TimelinePoint['tone'] {
  return status === 'nothing-new' ? 'unknown' : runHealth(status)
}

function BinTable({ bins, step }: { bins: readonly TimelineBin[]; step: 'hour' | 'day' }): JSX.Element {
  return (
    <DataTable
      caption={`Runs per UTC ${step} and status, newest first`}
      rows={bins.toReversed()}
      columns={[
        {
          label: step === 'hour' ? 'Hour' : 'Day',
          kind: 'nowrap',
          value: (row) => row.at,
          cell: (row) => <a href={hrefOfLink(row.link)}>{moment(row.at)}</a>,
        },
        {
          label: 'Status',
          value: (row) => row.status,
          cell: (row) => <Status health={runHealth(row.status)} word={row.status} />,
        },
        { label: 'Runs', kind: 'count', value: (row) => row.runs, link: (row) => row.link },
        {
          label: 'Median',
          kind: 'number',
          value: (row) => row.durationMsP50,
          cell: (row) => <Duration value={row.durationMsP50} link={row.link} />,
        },
        {
          label: 'Longest',
          kind: 'number',
          value: (row) => row.durationMsMax,
          cell: (row) => <Duration value={row.durationMsMax} link={row.link} />,
        },
        { label: 'Rows read', kind: 'count', value: (row) => row.rowsRead, link: (row) => row.link },
      ]}
    />
  )
}
