import type { Gauge as GaugeFigure, OverviewView } from '@tidegate/monitor'
import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { dayBarsOption } from '../charts/day-bars.ts'
import { donutOption } from '../charts/donut.ts'
import { linesOption } from '../charts/lines.ts'
import { count, percent, signed } from '../format/amounts.ts'
import { hrefOfLink } from '../state/app.ts'
import { filterCommand } from '../state/filter-command.ts'
import { useShown, useView } from '../state/shown.ts'
import { Card, Empty, PageHead } from '../ui/card.tsx'
import { Chart } from '../ui/chart.tsx'
import { Command } from '../ui/command.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { Gauge } from '../ui/gauge.tsx'
import { Bytes, Count, Name, Percent, When } from '../ui/number.tsx'
import { Grid } from '../ui/slice.tsx'
import { Spark } from '../ui/spark.tsx'
import { runHealth, Status } from '../ui/status.tsx'
import { DayTwin, NamedTwin } from '../ui/twins.tsx'

export function OverviewPage(): JSX.Element | null {
  const view = useView('overview')
  return (
    <>
      <PageHead title="Overview" summary={view.summary}>
        <Status health={view.health} />
      </PageHead>
      <Grid>
        {view.gauges.map((gauge) => (
          <GaugeCard key={gauge.id} gauge={gauge} />
        ))}
        <AttentionCard view={view} />
        <ChangesCard view={view} />
        <ScoreTrend view={view} />
        <StatusShare view={view} />
        <Volumes view={view} />
        <Totals view={view} />
        <SourcesCard view={view} />
      </Grid>
    </>
  )
}

function GaugeCard({ gauge }: { gauge: GaugeFigure }): JSX.Element {
  const { value, unit, max, reference, health, delta } = gauge
  const format =
    unit === 'percent'
      ? percent
      : (number: number | null): string => (number === null ? '–' : `${count(number)} rows/s`)
  return (
    <section class="card span-3 stat" aria-label={gauge.label}>
      <div class="card-head">
        <h2>{gauge.label}</h2>
        <Status health={health} />
      </div>
      <div class="gauge">
        <Gauge value={value} max={max} threshold={reference} tone={health} summary={gauge.summary} />
        <div>
          <p class="value">
            <a href={hrefOfLink(gauge.link)} title={value === null ? 'not measured' : String(value)}>
              {value === null ? 'Unknown' : unit === 'percent' ? percent(value) : count(value)}
            </a>
            {unit === 'percent' || value === null ? null : <small>rows/s</small>}
          </p>
          <p class="delta" title="The last whole day against the day before">
            {delta === null ? 'no day to compare with' : `${signed(delta, format)} since the day before`}
          </p>
        </div>
        <div class="spark muted">
          <Spark values={gauge.trend} width={220} height={28} />
          <p class="small">
            {reference === null ? gauge.referenceLabel : `${gauge.referenceLabel}: ${format(reference)}`}
          </p>
        </div>
      </div>
    </section>
  )
}

function AttentionCard({ view }: { view: OverviewView }): JSX.Element {
  const { attention } = view
  return (
    <Card
      title="Needs attention"
      span={7}
      summary={
        attention.length === 0
          ? ''
          : `${attention.length} ${attention.length === 1 ? 'thing needs' : 'things need'} a look, worst first.`
      }
    >
      {attention.length === 0 ? (
        view.sources.length === 0 ? (
          <Empty title="Nothing has been ingested yet" command="tidegate ingest">
            Without evidence nothing here is green.
          </Empty>
        ) : (
          <Empty title="Nothing needs you now" />
        )
      ) : (
        <ul class="rows">
          {attention.slice(0, 12).map(({ source, health, text, command, link }, index) => (
            <li key={index}>
              <Status health={health} />
              <div>
                <p class="wrap">
                  <a href={hrefOfLink(link)} title={source.slice(0, 2000)}>
                    {source.slice(0, 60)}
                  </a>{' '}
                  {text.slice(0, 400)}
                </p>
                <Command text={command} />
              </div>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}

function ChangesCard({ view }: { view: OverviewView }): JSX.Element {
  return (
    <Card title="What changed since yesterday" span={5}>
      {view.changes.length === 0 ? (
        <Empty title="Nothing worth telling">
          The last whole day was like the one before it, or there are not two days yet.
        </Empty>
      ) : (
        <ul class="rows">
          {view.changes.map(({ health, text, link }, index) => (
            <li key={index}>
              <Status health={health} />
              <p class="wrap">
                <a href={hrefOfLink(link)}>{text}</a>
              </p>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}

function ScoreTrend({ view }: { view: OverviewView }): JSX.Element {
  const annotations = useView('timeline').annotations
  const gauge = view.gauges.find(({ id }) => id === 'score')
  const option = useMemo(() => {
    const points = view.days.map(({ day, score }) => [Date.parse(day), score] as const)
    const threshold = gauge?.reference ?? null
    const marks = annotations
      .filter(({ kind }) => kind === 'schema-change' || kind === 'contract-change')
      .slice(-8)
      .map(({ at, kind }) => ({ atMs: Date.parse(at), name: kind === 'schema-change' ? 'schema' : 'contract' }))
    return (palette: Parameters<typeof linesOption>[1], summary: string) =>
      linesOption(
        {
          series: [{ name: 'score', points, area: true, tone: 'accent' }],
          format: '@percent',
          max: 100,
          ...(threshold === null ? {} : { threshold: { value: threshold, name: 'gate' } }),
          marks,
        },
        palette,
        summary,
      )
  }, [view, annotations])
  const quality = useView('quality')
  return (
    <Chart
      title="Score per day"
      summary={quality.summary}
      span={8}
      option={option}
      height={230}
      table={
        <DayTwin
          caption="Score per UTC day"
          names={['Score', 'Files held']}
          rows={view.days.map(({ day, score, filesHeld, link }) => ({ day, link, values: [score, filesHeld] }))}
        />
      }
    />
  )
}

function StatusShare({ view }: { view: OverviewView }): JSX.Element {
  const { statusShare } = view
  const option = useMemo(
    () => (palette: Parameters<typeof donutOption>[1], summary: string) =>
      donutOption(
        statusShare.map(({ status, count, link }) => ({
          name: status,
          value: count,
          tone: status === 'nothing-new' ? ('unknown' as const) : runHealth(status),
          href: hrefOfLink(link),
        })),
        palette,
        summary,
      ),
    [statusShare],
  )
  const first = statusShare[0]
  const summary =
    first === undefined
      ? 'No run in this window.'
      : `${percent(first.percent)} of ${count(view.totals.runs)} runs ended ${first.status}.`
  return (
    <Chart
      title="How runs ended"
      summary={summary}
      span={4}
      height={230}
      option={option}
      table={
        <NamedTwin
          caption="Runs by how they ended"
          head="Status"
          names={['Runs', 'Percent']}
          rows={statusShare.map(({ status, count, percent, link }) => ({
            name: status,
            link,
            values: [count, percent],
          }))}
        />
      }
    />
  )
}

function Volumes({ view }: { view: OverviewView }): JSX.Element {
  const { days } = view
  const option = useMemo(
    () =>
      dayBarsOption(
        days,
        [
          { name: 'rows loaded', tone: 'accent', value: ({ rowsLoaded }) => rowsLoaded },
          { name: 'rows rejected', tone: 'bad', value: ({ rowsRejected }) => rowsRejected },
        ],
        ({ link }) => hrefOfLink(link),
      ),
    [days],
  )
  const rows = days.reduce((sum, { rowsLoaded }) => sum + rowsLoaded, 0)
  const rejected = days.reduce((sum, { rowsRejected }) => sum + rowsRejected, 0)
  return (
    <Chart
      title="Rows per day"
      summary={`${count(rows)} rows were loaded and ${count(rejected)} rejected in ${days.length} days.`}
      span={8}
      height={230}
      option={option}
      table={
        <DayTwin
          caption="Rows and files per UTC day"
          names={['Rows loaded', 'Rows rejected', 'Files loaded', 'Files held', 'Bytes', 'Runs', 'Runs failed']}
          rows={days.map((one) => ({
            day: one.day,
            link: one.link,
            values: [
              one.rowsLoaded,
              one.rowsRejected,
              one.filesLoaded,
              one.filesHeld,
              one.bytes,
              one.runs,
              one.runsFailed,
            ],
          }))}
        />
      }
    />
  )
}

function Totals({ view: { totals } }: { view: OverviewView }): JSX.Element {
  return (
    <Card title="In this window" span={4} summary="Every number leads to its rows.">
      <dl class="figures">
        <Figure label="Runs">
          <Count value={totals.runs} link={totals.links.runs} />
        </Figure>
        <Figure label="Files loaded">
          <Count value={totals.filesLoaded} link={totals.links.filesLoaded} />
        </Figure>
        <Figure label="Files held">
          <Count value={totals.filesHeld} link={totals.links.filesHeld} />
        </Figure>
        <Figure label="Files failed">
          <Count value={totals.filesFailed} link={totals.links.filesFailed} />
        </Figure>
        <Figure label="Rows loaded">
          <Count value={totals.rowsLoaded} link={totals.links.filesLoaded} />
        </Figure>
        <Figure label="Rows rejected">
          <Count value={totals.rowsRejected} link={totals.links.rowsRejected} />
        </Figure>
        <Figure label="Read">
          <Bytes value={totals.bytesRead} link={totals.links.runs} />
        </Figure>
        <Figure label="In quarantine">
          <Count value={totals.openQuarantine} link={totals.links.openQuarantine} />
        </Figure>
      </dl>
    </Card>
  )
}

export function Figure({ label, children }: { label: string; children: JSX.Element }): JSX.Element {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function SourcesCard({ view }: { view: OverviewView }): JSX.Element {
  const { filter } = useShown()
  return (
    <Card title="Sources" summary="Health is the worst of run, checks, freshness and schema.">
      {view.sources.length === 0 ? (
        <Empty title="No source here" command={filterCommand('overview', filter)}>
          Neither the configuration nor the history of this window names one.
        </Empty>
      ) : (
        <DataTable
          caption="Health per source"
          rows={view.sources}
          columns={[
            { label: 'Source', value: (row) => row.source, cell: (row) => <Name text={row.source} link={row.link} /> },
            { label: 'Health', value: (row) => row.health, cell: (row) => <Status health={row.health} /> },
            ...(['run', 'checks', 'freshness', 'schema'] as const).map((facet) => ({
              label: facet[0]?.toUpperCase() + facet.slice(1),
              value: (row: OverviewView['sources'][number]) => row[facet].health,
              cell: (row: OverviewView['sources'][number]) => <FacetCell {...row[facet]} />,
            })),
            { label: 'Score', kind: 'number', value: (row) => row.score, cell: (row) => <Percent value={row.score} /> },
            { label: 'Trend', value: () => null, cell: (row) => <Spark values={row.scores} /> },
            { label: 'Rows loaded', kind: 'count', value: (row) => row.rowsLoaded, link: (row) => row.link },
            {
              label: 'Held',
              kind: 'number',
              value: (row) => row.openQuarantine,
              cell: (row) => (
                <Count
                  value={row.openQuarantine}
                  link={{ page: 'files', params: { source: row.source, outcome: 'held' } }}
                />
              ),
            },
            {
              label: 'Last run',
              kind: 'nowrap',
              value: (row) => row.lastRunAt,
              cell: (row) => <When at={row.lastRunAt} relative />,
            },
          ]}
        />
      )}
    </Card>
  )
}

function FacetCell({
  health,
  because,
}: {
  health: OverviewView['health'] | 'not-watched'
  because: string
}): JSX.Element {
  return (
    <span title={because}>
      {health === 'not-watched' ? <span class="muted">not watched</span> : <Status health={health} />}
    </span>
  )
}
