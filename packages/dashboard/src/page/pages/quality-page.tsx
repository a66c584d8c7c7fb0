import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { barsOption } from '../charts/bars.ts'
import { linesOption } from '../charts/lines.ts'
import { count, percent } from '../format/amounts.ts'
import { hrefOfLink } from '../state/app.ts'
import { filterCommand } from '../state/filter-command.ts'
import { useShown, useView } from '../state/shown.ts'
import { Card, Empty, PageHead, type Span } from '../ui/card.tsx'
import { Chart } from '../ui/chart.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { Count, Name, Percent, When } from '../ui/number.tsx'
import { Grid } from '../ui/slice.tsx'
import { Spark } from '../ui/spark.tsx'
import { severityHealth, Status } from '../ui/status.tsx'
import { DayTwin, NamedTwin } from '../ui/twins.tsx'
import { ComparisonCard } from './comparison-card.tsx'
import { FailedChecks } from './failed-checks.tsx'
import { HeatChart } from './heat-chart.tsx'

export function QualityPage(): JSX.Element {
  const { filter } = useShown()
  const view = useView('quality')
  return (
    <>
      <PageHead title="Quality" summary={view.summary}>
        <span class="status">
          Score <Percent value={view.score} link={view.link} />
        </span>
      </PageHead>
      {view.evaluated === 0 ? (
        <Card title="Checks">
          <Empty title="No check ran in this window" command={filterCommand('quality', filter)}>
            Choose a longer window, or give the source a contract: <code>tidegate profile</code> proposes one.
          </Empty>
        </Card>
      ) : (
        <Grid>
          <Trend />
          <Dimensions />
          <FailedChecks />
          <Worst />
          <Datasets />
          <Scores />
          <HeatChart of="expectations" span={12} />
          <ComparisonCard />
        </Grid>
      )}
    </>
  )
}

function Trend(): JSX.Element {
  const view = useView('quality')
  const trend = view.trend
  const option = useMemo(
    () => (palette: Parameters<typeof linesOption>[1], summary: string) =>
      linesOption(
        {
          format: '@percent',
          max: 100,
          series: [
            {
              name: 'score',
              tone: 'accent',
              area: true,
              points: trend.map(({ day, score }) => [Date.parse(day), score] as const),
            },
          ],
        },
        palette,
        summary,
      ),
    [view],
  )
  const { kind, points } = view.direction
  return (
    <Chart
      title="Score trend"
      span={8}
      height={220}
      summary={`The score is ${kind === 'unknown' ? 'too young for a trend' : kind}${points === null ? '' : ` (${points > 0 ? '+' : ''}${points.toFixed(2)} points between the halves of the window)`}.`}
      option={option}
      table={
        <DayTwin
          caption="Checks per UTC day"
          names={['Score', 'Evaluated', 'Passed', 'Failed', 'Errors']}
          rows={trend.map((one) => ({
            day: one.day,
            link: one.link,
            values: [one.score, one.evaluated, one.passed, one.failed, one.errors],
          }))}
        />
      }
    />
  )
}

function Dimensions(): JSX.Element {
  const rows = useView('quality').dimensions
  const option = useMemo(
    () => (palette: Parameters<typeof barsOption>[1], summary: string) =>
      barsOption(
        {
          horizontal: true,
          stacked: true,
          format: '@count',
          names: rows.map(({ dimension }) => dimension),
          hrefs: rows.map(({ link }) => hrefOfLink(link)),
          series: [
            { name: 'passed', tone: 'ok', values: rows.map(({ passed }) => passed) },
            { name: 'failed', tone: 'bad', values: rows.map(({ failed }) => failed) },
            { name: 'errors', tone: 'warn', values: rows.map(({ errors }) => errors) },
          ],
        },
        palette,
        summary,
      ),
    [rows],
  )
  const worst = rows.toSorted((a, b) => (a.score ?? 101) - (b.score ?? 101))[0]
  return (
    <Chart
      title="By dimension"
      span={4}
      height={220}
      summary={
        worst === undefined
          ? 'No dimension was checked.'
          : `${worst.dimension} has the lowest score: ${percent(worst.score)}.`
      }
      option={option}
      table={
        <NamedTwin
          caption="Checks by dimension"
          head="Dimension"
          names={['Score', 'Passed', 'Failed', 'Errors']}
          rows={rows.map((one) => ({
            name: one.dimension,
            link: one.link,
            values: [one.score, one.passed, one.failed, one.errors],
          }))}
        />
      }
    />
  )
}

function Worst(): JSX.Element {
  const view = useView('quality')
  return (
    <Card title="Checks that failed most" summary={`${count(view.worstTotal)} of the checks failed at least once.`}>
      {view.worst.length === 0 ? (
        <Empty title="No check failed in this window" />
      ) : (
        <DataTable
          caption="Checks by failures"
          rows={view.worst}
          total={view.worstTotal}
          columns={[
            {
              label: 'Check',
              value: (row) => row.check,
              cell: (row) => (
                <Name
                  text={row.check}
                  link={{ page: 'quality', params: { source: row.source, dataset: row.dataset, check: row.check } }}
                />
              ),
            },
            {
              label: 'Dataset',
              value: (row) => row.dataset,
              cell: (row) => (
                <Name
                  text={row.dataset}
                  link={{ page: 'quality', params: { source: row.source, dataset: row.dataset } }}
                />
              ),
            },
            {
              label: 'Severity',
              value: (row) => row.severity,
              cell: (row) => <Status health={severityHealth(row.severity)} word={row.severity} />,
            },
            {
              label: 'Failed',
              kind: 'number',
              value: (row) => row.failed + row.errors,
              cell: (row) => <Count value={row.failed + row.errors} link={row.link} />,
            },
            { label: 'Score', kind: 'number', value: (row) => row.score, cell: (row) => <Percent value={row.score} /> },
            { label: 'Rows', kind: 'count', value: (row) => row.unexpectedRows, link: (row) => row.link },
            { label: 'Per day', value: () => null, cell: (row) => <Spark values={row.failures} from={0} /> },
            {
              label: 'Last',
              kind: 'nowrap',
              value: (row) => row.lastFailedAt,
              cell: (row) => <When at={row.lastFailedAt} relative />,
            },
            {
              label: 'Said',
              kind: 'text',
              value: (row) => row.lastMessage,
              cell: (row) => <Name text={row.lastMessage} />,
            },
          ]}
        />
      )}
    </Card>
  )
}

function Datasets(): JSX.Element {
  const rows = useView('quality').datasets
  return (
    <Card title="Datasets" summary="Worst score first." span={6}>
      <DataTable
        caption="Score per dataset"
        rows={rows}
        pageRows={20}
        columns={[
          {
            label: 'Dataset',
            value: (row) => row.dataset,
            cell: (row) => (
              <Name
                text={row.dataset}
                link={{ page: 'quality', params: { source: row.source, dataset: row.dataset } }}
              />
            ),
          },
          {
            label: 'Score',
            kind: 'number',
            value: (row) => row.score,
            cell: (row) => <Percent value={row.score} link={row.link} />,
          },
          { label: 'Trend', value: (row) => row.lastScore, cell: (row) => <Spark values={row.scores} /> },
          { label: 'Failed', kind: 'count', value: (row) => row.failed, link: (row) => row.link },
          {
            label: 'Files',
            kind: 'number',
            value: (row) => row.files,
            cell: (row) => (
              <Count value={row.files} link={{ page: 'files', params: { source: row.source, dataset: row.dataset } }} />
            ),
          },
        ]}
      />
    </Card>
  )
}

export function Scores({ span = 6 }: { span?: Span }): JSX.Element {
  const scores = useView('performance').scores
  const option = useMemo(
    () => (palette: Parameters<typeof barsOption>[1], summary: string) =>
      barsOption(
        {
          format: '@count',
          names: scores.bins.map(({ from }) => (from === 100 ? '100' : `${from}–${from + 5}`)),
          hrefs: scores.bins.map(({ link }) => hrefOfLink(link)),
          series: [{ name: 'files', tone: 'accent', values: scores.bins.map(({ files }) => files) }],
        },
        palette,
        summary,
      ),
    [scores],
  )
  return (
    <Chart
      title="Files by score"
      span={span}
      height={260}
      summary={
        scores.files === 0
          ? 'No file of this window has a score.'
          : `${count(scores.files)} files; mean ${percent(scores.mean)}, lowest ${percent(scores.lowest)}.`
      }
      option={option}
      table={
        <NamedTwin
          caption="Files by score"
          head="Score"
          names={['Files']}
          rows={scores.bins.map(({ from, files, link }) => ({
            name: from === 100 ? 'exactly 100' : `${from} to below ${from + 5}`,
            link,
            values: [files],
          }))}
        />
      }
    />
  )
}
