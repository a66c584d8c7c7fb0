import type { JSX } from 'preact'
import { Bytes, Count, Name, When } from '../ui/number.tsx'
import { Act } from './act.tsx'
import { callApi, hasOperations } from './api.ts'
import { DeskCard } from './desk-card.tsx'

interface QuarantineRecord {
  readonly id: string
  readonly source: string
  readonly dataset: string
  readonly kind: 'held' | 'rows'
  readonly rows: number
  readonly bytes: number
  readonly recordedAt: string
}

/** Records that wait, each to be judged again by the contract as it is now. */
export function QuarantineDesk(): JSX.Element | null {
  if (!hasOperations.value) return null
  return (
    <DeskCard<QuarantineRecord>
      title="Open records"
      path="quarantine?limit=100&status=open"
      summary="Replay judges a record again by the contract as it is now; what is good is loaded, by a run of its own."
      none="Nothing waits in quarantine"
      columns={[
        { label: 'Record', value: (row) => row.id, cell: (row) => <Name text={row.id} /> },
        {
          label: 'Dataset',
          value: (row) => row.dataset,
          cell: (row) => (
            <Name
              text={row.dataset}
              link={{ page: 'datasets', params: { source: row.source, dataset: row.dataset } }}
            />
          ),
        },
        { label: 'What', value: (row) => (row.kind === 'held' ? 'the file' : 'rows of it') },
        { label: 'Rows', kind: 'number', value: (row) => row.rows, cell: (row) => <Count value={row.rows} /> },
        { label: 'Size', kind: 'number', value: (row) => row.bytes, cell: (row) => <Bytes value={row.bytes} /> },
        {
          label: 'Since',
          kind: 'nowrap',
          value: (row) => row.recordedAt,
          cell: (row) => <When at={row.recordedAt} relative />,
        },
        {
          label: 'Do',
          value: () => null,
          cell: (row) => (
            <Act
              label="Replay"
              of={row.id}
              needs="write"
              isGrave
              run={() => callApi('POST', 'quarantine/replay', { records: [row.id] })}
            />
          ),
        },
      ]}
    />
  )
}
