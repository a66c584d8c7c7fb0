import type { Incident } from '@tidegate/monitor'
import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { count, exact } from '../format/amounts.ts'
import { hrefOfLink, hrefWith } from '../state/app.ts'
import { filterCommand } from '../state/filter-command.ts'
import { useShown, useView } from '../state/shown.ts'
import { AlertDesk } from '../operations/alert-desk.tsx'
import { Card, Empty, PageHead } from '../ui/card.tsx'
import { Command } from '../ui/command.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { Count, Name, When } from '../ui/number.tsx'
import { Grid } from '../ui/slice.tsx'
import { severityHealth, Status } from '../ui/status.tsx'
import { Figure } from './overview-page.tsx'

export function AlertsPage(): JSX.Element | null {
  const { address, filter } = useShown()
  const view = useView('alerts')
  const { params } = address
  const kind = params.get('kind')
  const state = params.get('state')
  const rows = useMemo(
    () => view.items.filter((one) => (kind === null || one.kind === kind) && (state === null || one.status === state)),
    [view, kind, state],
  )
  return (
    <>
      <PageHead title="Alerts" summary={view.summary} />
      {view.total === 0 ? (
        <Grid>
          <AlertDesk />
          <Card title="Incidents">
            <Empty title="No incident in this window" command={filterCommand('alerts', filter)}>
              Late and missing files are only noticed where a source says <code>expect:</code>.
            </Empty>
          </Card>
        </Grid>
      ) : (
        <Grid>
          <AlertDesk />
          <Card title="Open now">
            <dl class="figures">
              <Figure label="Open">
                <Count value={view.open} link={{ page: 'alerts', params: { state: 'open' } }} />
              </Figure>
              <Figure label="Critical">
                <Count value={view.bySeverity.critical} link={{ page: 'alerts', params: { state: 'open' } }} />
              </Figure>
              <Figure label="Warning">
                <Count value={view.bySeverity.warning} link={{ page: 'alerts', params: { state: 'open' } }} />
              </Figure>
              <Figure label="Info">
                <Count value={view.bySeverity.info} link={{ page: 'alerts', params: { state: 'open' } }} />
              </Figure>
            </dl>
          </Card>
          <IncidentDetail />
          <Card title="Incidents" summary="Found in the history, open ones first.">
            <div class="segments" role="group" aria-label="Kind">
              <a
                href={hrefWith({ kind: null, state: null })}
                aria-current={kind === null && state === null ? 'true' : undefined}
              >
                all {count(view.total)}
              </a>
              <a
                href={hrefWith({ state: state === 'open' ? null : 'open' })}
                aria-current={state === 'open' ? 'true' : undefined}
              >
                open {count(view.open)}
              </a>
              {view.byKind.map((one) => (
                <a
                  key={one.kind}
                  href={hrefWith({ kind: one.kind })}
                  aria-current={one.kind === kind ? 'true' : undefined}
                >
                  {one.kind.replace('-', ' ')} {count(one.count)}
                </a>
              ))}
            </div>
            <IncidentTable rows={rows} total={view.total > view.items.length ? view.total : undefined} />
          </Card>
        </Grid>
      )}
    </>
  )
}

function IncidentTable({ rows, total }: { rows: readonly Incident[]; total: number | undefined }): JSX.Element {
  const { address } = useShown()
  return (
    <DataTable
      caption={`${exact(rows.length)} incidents`}
      rows={rows}
      total={total}
      isCurrent={(row) => row.id === address.params.get('incident')}
      columns={[
        {
          label: 'Incident',
          kind: 'text',
          value: (row) => row.title,
          cell: (row) => (
            <span class="clip" title={row.title.slice(0, 2000)}>
              <a href={hrefWith({ incident: row.id })}>{row.title.slice(0, 300)}</a>
            </span>
          ),
        },
        {
          label: 'Severity',
          value: (row) => row.severity,
          cell: (row) => <Status health={severityHealth(row.severity)} word={row.severity} />,
        },
        {
          label: 'State',
          value: (row) => row.status,
          cell: (row) => (row.status === 'open' ? <strong>open</strong> : <span class="muted">resolved</span>),
        },
        { label: 'Source', value: (row) => row.source, cell: (row) => <Name text={row.source} /> },
        { label: 'Since', kind: 'nowrap', value: (row) => row.since, cell: (row) => <When at={row.since} /> },
        { label: 'Until', kind: 'nowrap', value: (row) => row.until, cell: (row) => <When at={row.until} /> },
        { label: 'Times', kind: 'count', value: (row) => row.occurrences, link: (row) => row.link },
        {
          label: 'Evidence',
          kind: 'text',
          value: (row) => row.evidence,
          cell: (row) => <Name text={row.evidence} link={row.link} />,
        },
      ]}
    />
  )
}

function IncidentDetail(): JSX.Element | null {
  const { address } = useShown()
  const id = address.params.get('incident')
  const incident = useView('alerts').items.find((one) => one.id === id)
  if (id === null) return null
  return (
    <Card
      title={incident === undefined ? 'Incident' : incident.title.slice(0, 200)}
      summary={incident?.evidence.slice(0, 1000)}
      actions={
        <a class="small" href={hrefWith({ incident: null })}>
          Close
        </a>
      }
    >
      {incident === undefined ? (
        <Empty title="This incident is not in this window" />
      ) : (
        <>
          <p class="wrap">
            <strong>What to do: </strong>
            {incident.suggestion}
          </p>
          <Command text={incident.command} />
          <p class="act">
            <a href={hrefOfLink(incident.link)}>Show the rows behind it</a>
          </p>
          <details>
            <summary>The notice that would be sent</summary>
            <pre class="mono wrap" style={{ whiteSpace: 'pre-wrap' }} tabIndex={0}>
              {JSON.stringify(incident.payload, null, 2).slice(0, 20_000)}
            </pre>
          </details>
        </>
      )}
    </Card>
  )
}
