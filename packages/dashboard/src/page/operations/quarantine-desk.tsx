import { signal } from '@preact/signals'
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { hrefOf } from '../state/app.ts'
import { Bytes, Count, Name, When } from '../ui/number.tsx'
import { Act } from './act.tsx'
import { callApi, hasOperations, may } from './api.ts'
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
      path="quarantine?status=open"
      summary="Replay judges a record again by the contract as it is now; what is good is loaded. Release loads it whatever the rules say, discard gives it up. Each is a run of its own."
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
          label: 'Actions',
          kind: 'acts',
          value: () => null,
          cell: (row) => <RecordActs id={row.id} />,
        },
      ]}
    />
  )
}

type Action = 'replay' | 'release' | 'discard'

/** What was asked for records that are still open: it is not asked again while its run is under way. */
const asked = signal<ReadonlyMap<string, Action>>(new Map())

function RecordActs({ id }: { id: string }): JSX.Element | null {
  const [note, setNote] = useState('')
  const action = asked.value.get(id)
  if (action !== undefined)
    return (
      <span class="nowrap">
        {action} asked for, see <a href={hrefOf('runs')}>runs</a>
      </span>
    )
  if (!may('write')) return null
  const settle = async (wanted: Action): Promise<void> => {
    const why = note.trim()
    await callApi('POST', `quarantine/${wanted}`, { records: [id], ...(why === '' ? {} : { note: why }) })
    asked.value = new Map(asked.value).set(id, wanted)
  }
  const lacks = note.trim() === '' ? 'Say why: it is kept with the record.' : undefined
  return (
    <>
      <Act label="Replay" of={id} needs="write" isGrave run={() => settle('replay')} />
      <details>
        <summary>Decide otherwise</summary>
        <div class="chips">
          <label class="field">
            Why
            <input maxLength={2000} value={note} onInput={({ currentTarget }) => setNote(currentTarget.value)} />
          </label>
          <Act label="Release" of={id} needs="write" isGrave lacks={lacks} run={() => settle('release')} />
          <Act label="Discard" of={id} needs="write" isGrave lacks={lacks} run={() => settle('discard')} />
        </div>
      </details>
    </>
  )
}
