import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { severityHealth, Status } from '../ui/status.tsx'
import { Count, Name, When } from '../ui/number.tsx'
import { Act } from './act.tsx'
import { callApi, hasOperations, may } from './api.ts'
import { DeskCard } from './desk-card.tsx'

interface Alert {
  readonly id: string
  readonly kind: string
  readonly source: string
  readonly dataset: string | null
  readonly severity: 'critical' | 'warning' | 'info'
  readonly state: string
  readonly lastAt: string
  readonly count: number
  readonly acknowledgedBy: string | null
}

interface Silence {
  readonly id: string
  readonly matcher: Readonly<Record<string, string>>
  readonly state: string
  readonly endsAt: string
  readonly createdBy: string
  readonly reason: string
  readonly hidden: number
}

/** Alerts that the daemon keeps: somebody takes one, or nobody wants to hear of it for a while. */
export function AlertDesk(): JSX.Element | null {
  if (!hasOperations.value) return null
  return (
    <>
      <DeskCard<Alert>
        title="Firing"
        path="alerts?state=firing&state=acknowledged&state=pending"
        summary="What the daemon told, or waits to tell. Who acknowledges one is not told of it again until it is over."
        none="Nothing is firing"
        columns={[
          { label: 'Alert', value: (row) => row.kind, cell: (row) => <Name text={row.kind.replaceAll('_', ' ')} /> },
          {
            label: 'Source',
            value: (row) => row.source,
            cell: (row) => (
              <Name
                text={row.dataset === null ? row.source : `${row.source} / ${row.dataset}`}
                link={{ page: 'datasets', params: { source: row.source } }}
              />
            ),
          },
          {
            label: 'Severity',
            value: (row) => row.severity,
            cell: (row) => <Status health={severityHealth(row.severity)} word={row.severity} />,
          },
          {
            label: 'State',
            value: (row) => row.state,
            cell: (row) => (row.acknowledgedBy === null ? row.state : `taken by ${row.acknowledgedBy}`),
          },
          { label: 'Times', kind: 'number', value: (row) => row.count, cell: (row) => <Count value={row.count} /> },
          {
            label: 'Last',
            kind: 'nowrap',
            value: (row) => row.lastAt,
            cell: (row) => <When at={row.lastAt} relative />,
          },
          { label: 'Actions', kind: 'acts', value: () => null, cell: (row) => <AlertActs alert={row} /> },
        ]}
      />
      <DeskCard<Silence>
        title="Silences"
        path="silences"
        summary="What matches is not told while it lasts."
        none="Nothing is silenced"
        columns={[
          {
            label: 'Matches',
            value: (row) => wordsOf(row.matcher),
            cell: (row) => <Name text={wordsOf(row.matcher)} />,
          },
          { label: 'State', value: (row) => row.state },
          { label: 'Until', kind: 'nowrap', value: (row) => row.endsAt, cell: (row) => <When at={row.endsAt} /> },
          { label: 'Why', kind: 'text', value: (row) => row.reason, cell: (row) => <Name text={row.reason} /> },
          { label: 'By', value: (row) => row.createdBy, cell: (row) => <Name text={row.createdBy} /> },
          { label: 'Held back', kind: 'count', value: (row) => row.hidden },
          {
            label: 'Actions',
            kind: 'acts',
            value: () => null,
            cell: (row) =>
              row.state === 'over' ? null : (
                <Act
                  label="End"
                  of={`the silence of ${wordsOf(row.matcher)}`}
                  needs="run"
                  run={() => callApi('DELETE', `silences/${encodeURIComponent(row.id)}`)}
                />
              ),
          },
        ]}
      />
    </>
  )
}

function wordsOf(matcher: Silence['matcher']): string {
  const parts = Object.entries(matcher).map(([name, value]) => `${name} ${value}`)
  return parts.length === 0 ? 'everything' : parts.join(', ')
}

function AlertActs({ alert }: { alert: Alert }): JSX.Element {
  const what = `${alert.kind} of ${alert.source}`
  return (
    <>
      {alert.acknowledgedBy === null ? (
        <Act
          label="Acknowledge"
          of={what}
          needs="run"
          run={() => callApi('POST', `alerts/${encodeURIComponent(alert.id)}/acknowledge`, {})}
        />
      ) : null}
      {may('run') ? <SilenceForm alert={alert} what={what} /> : null}
    </>
  )
}

const HOUR_MS = 3_600_000
const LENGTHS = [
  [HOUR_MS, '1 hour'],
  [8 * HOUR_MS, '8 hours'],
  [24 * HOUR_MS, '1 day'],
  [168 * HOUR_MS, '7 days'],
] as const

function SilenceForm({ alert, what }: { alert: Alert; what: string }): JSX.Element {
  const [durationMs, setDuration] = useState<number>(HOUR_MS)
  const [reason, setReason] = useState('')
  const { kind, source, dataset } = alert
  const matcher = { kind, source, ...(dataset === null ? {} : { dataset }) }
  return (
    <details>
      <summary>Silence</summary>
      <div class="chips">
        <label class="field">
          For
          <select value={durationMs} onChange={({ currentTarget }) => setDuration(Number(currentTarget.value))}>
            {LENGTHS.map(([ms, text]) => (
              <option key={ms} value={ms}>
                {text}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          Why
          <input type="search" value={reason} onInput={({ currentTarget }) => setReason(currentTarget.value)} />
        </label>
        <Act
          label="Silence"
          of={what}
          needs="run"
          lacks={reason.trim() === '' ? 'Say why: others will read it.' : undefined}
          run={() => callApi('POST', 'silences', { matcher, durationMs, reason: reason.trim() })}
        />
      </div>
    </details>
  )
}
