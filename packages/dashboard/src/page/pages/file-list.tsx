import type { Capped, FileRecord } from '@tidegate/core'
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'
import { exact } from '../format/amounts.ts'
import { address, facts, filter, go, hrefWith, replaceParams, report, source } from '../state/app.ts'
import { fileConditions, fileQueryOf, fitsScore } from '../state/file-query.ts'
import { filterCommand } from '../state/filter-command.ts'
import { Card, Empty } from '../ui/card.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { Bytes, Count, Name, Percent, When } from '../ui/number.tsx'
import { outcomeHealth, Status } from '../ui/status.tsx'

/** Files, narrowed by everything the address says. A server has all of them, a file some. */
export function FileList(): JSX.Element {
  const { params } = address.value
  const query = useMemo(() => fileQueryOf(params, filter.value), [params, filter.value])
  const found = useFiles(query)
  const rows = useMemo(() => (found?.items ?? []).filter(({ score }) => fitsScore(score, params)), [found, params])
  const known = facts.value?.files
  const partial = source.value?.host === 'file' && known !== undefined && known.total > known.items.length
  return (
    <Card
      title="Files"
      summary={
        partial
          ? `${exact(known.items.length)} of ${exact(known.total)} files are in this report: the newest, the lowest scores, the largest. The live page has all of them.`
          : ''
      }
    >
      <Conditions />
      {found === undefined ? (
        <p class="muted">Reading…</p>
      ) : rows.length === 0 ? (
        <Empty title="No file fits" command={filterCommand('files', filter.value)}>
          {partial
            ? 'It may be among those that are not in this report.'
            : 'Take a condition away, or choose a longer window.'}
        </Empty>
      ) : (
        <DataTable
          caption={`${exact(rows.length)} files`}
          rows={rows}
          total={found.total > found.items.length ? found.total : undefined}
          pageRows={25}
          columns={[
            {
              label: 'File',
              value: (row) => row.path,
              cell: (row) => (
                <Name text={row.path} link={{ page: 'files', params: { source: row.source, file: row.path } }} />
              ),
            },
            { label: 'Outcome', value: (row) => row.outcome, cell: (row) => <Outcome file={row} /> },
            { label: 'Score', kind: 'number', value: (row) => row.score, cell: (row) => <Percent value={row.score} /> },
            {
              label: 'Rows read',
              kind: 'number',
              value: (row) => row.rowsRead,
              cell: (row) => <Count value={row.rowsRead} />,
            },
            {
              label: 'Loaded',
              kind: 'number',
              value: (row) => row.rowsLoaded,
              cell: (row) => <Count value={row.rowsLoaded} />,
            },
            {
              label: 'Rejected',
              kind: 'number',
              value: (row) => row.rowsRejected,
              cell: (row) => <Count value={row.rowsRejected} />,
            },
            { label: 'Size', kind: 'number', value: (row) => row.bytes, cell: (row) => <Bytes value={row.bytes} /> },
            {
              label: 'Why',
              kind: 'text',
              value: (row) => row.reasons[0]?.message,
              cell: (row) => <Reasons file={row} />,
            },
            {
              label: 'Decided',
              kind: 'nowrap',
              value: (row) => row.decidedAtMs,
              cell: (row) => <When at={new Date(row.decidedAtMs).toISOString()} />,
            },
            {
              label: 'Run',
              value: (row) => row.run,
              cell: (row) => <Name text={row.run} link={{ page: 'runs', params: { run: row.run } }} />,
            },
          ]}
        />
      )}
    </Card>
  )
}

function useFiles(query: ReturnType<typeof fileQueryOf>): Capped<FileRecord> | undefined {
  const found = useSignal<Capped<FileRecord> | undefined>(undefined)
  useEffect(() => {
    let wanted = true
    source.value?.files(query).then(
      (files) => {
        if (wanted) found.value = files
      },
      () => {
        if (wanted) found.value = { items: [], total: 0 }
      },
    )
    return () => {
      wanted = false
    }
  }, [query, report.value])
  return found.value
}

function Outcome({ file }: { file: FileRecord }): JSX.Element {
  return (
    <>
      <Status health={outcomeHealth(file.outcome)} word={file.outcome} />
      {file.repair === undefined ? null : <div class="small muted">from a repaired copy</div>}
    </>
  )
}

/** Each reason leads to the check's other files. */
function Reasons({ file }: { file: FileRecord }): JSX.Element {
  if (file.reasons.length === 0) return <span class="muted">–</span>
  return (
    <ul>
      {file.reasons.slice(0, 3).map(({ check, message }, index) => (
        <li key={index}>
          <Name
            text={message === '' ? check : message}
            link={{ page: 'quality', params: { source: file.source, dataset: file.dataset, check } }}
          />
        </li>
      ))}
      {file.reasons.length > 3 ? <li class="muted">and {file.reasons.length - 3} more</li> : null}
    </ul>
  )
}

function Conditions(): JSX.Element {
  const { params } = address.value
  return (
    <div class="bar-inline chips" role="group" aria-label="Conditions">
      <label class="field">
        Path has
        <input
          type="search"
          value={params.get('search') ?? ''}
          onInput={({ currentTarget }) =>
            replaceParams({ search: currentTarget.value === '' ? null : currentTarget.value })
          }
        />
      </label>
      <label class="field">
        Outcome
        <select
          value={params.get('outcome') ?? ''}
          onChange={({ currentTarget }) =>
            go(hrefWith({ outcome: currentTarget.value === '' ? null : currentTarget.value }))
          }
        >
          <option value="">all</option>
          <option value="loaded">loaded</option>
          <option value="held">held</option>
          <option value="skipped">skipped</option>
        </select>
      </label>
      <label class="field">
        Order
        <select
          value={params.get('order') ?? 'newest'}
          onChange={({ currentTarget }) => go(hrefWith({ order: currentTarget.value }))}
        >
          <option value="newest">newest</option>
          <option value="lowest-score">lowest score</option>
          <option value="most-rows">most rows</option>
          <option value="most-bytes">largest</option>
        </select>
      </label>
      {fileConditions(params)
        .filter(({ name }) => name !== 'search' && name !== 'outcome')
        .map(({ name, text }) => (
          <span class="chip" key={name}>
            <span class="clip">{text}</span>
            <a href={hrefWith({ [name]: null })} aria-label={`Take away: ${text}`}>
              ×
            </a>
          </span>
        ))}
    </div>
  )
}
