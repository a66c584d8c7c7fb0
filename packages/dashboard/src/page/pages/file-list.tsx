import type { FileRecord } from '@tidegate/core'
import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { exact } from '../format/amounts.ts'
import { go, hrefOf, hrefWith, replaceParams, source } from '../state/app.ts'
import { useShown } from '../state/shown.ts'
import { fileConditions, fileQueriesOf } from '../state/file-query.ts'
import { filterCommand } from '../state/filter-command.ts'
import { Card, Empty } from '../ui/card.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { Bytes, Name, Percent, When } from '../ui/number.tsx'
import { outcomeHealth, Status } from '../ui/status.tsx'
import { fileKey, useFiles } from './use-files.ts'

const PAGE_ROWS = 25

/** Files, narrowed by everything the address says. A server has all of them, a file some. */
export function FileList(): JSX.Element {
  const { address, filter, facts } = useShown()
  const { params } = address
  const queries = useMemo(() => fileQueriesOf(params, filter), [params, filter])
  const { found, problem, more } = useFiles(queries)
  const rows = found?.items ?? []
  const known = facts.files
  const partial = source.value?.host === 'file' && known.total > known.items.length
  const hasMore = found !== undefined && found.items.length < found.total
  return (
    <Card
      title="Files"
      summary={
        partial
          ? `${exact(known.items.length)} of ${exact(known.total)} files are in this report: the newest, the lowest scores, the largest. The live page has all of them.`
          : ''
      }
    >
      <Conditions order={queries[0]?.order ?? 'newest'} />
      {problem === undefined ? null : (
        <p class="notice" role="alert">
          {problem}
        </p>
      )}
      {found === undefined ? (
        <p class="muted">{problem === undefined ? 'Reading…' : ''}</p>
      ) : rows.length === 0 ? (
        <Empty title="No file fits" command={filterCommand('files', filter)}>
          {partial ? 'It may be among those that are not here.' : 'Take a condition away, or choose a longer window.'}
        </Empty>
      ) : (
        <DataTable
          caption={hasMore ? `${exact(rows.length)} of ${exact(found.total)} files` : `${exact(rows.length)} files`}
          rows={rows}
          total={found.total}
          pageRows={PAGE_ROWS}
          onMore={hasMore ? more : undefined}
          // What comes on top takes the focus from no link.
          keyOf={fileKey}
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
            { label: 'Rows read', kind: 'count', value: (row) => row.rowsRead },
            { label: 'Loaded', kind: 'count', value: (row) => row.rowsLoaded },
            { label: 'Rejected', kind: 'count', value: (row) => row.rowsRejected },
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
              kind: 'nowrap',
              value: (row) => row.run,
              cell: (row) => <RunLink run={row.run} />,
            },
          ]}
        />
      )}
    </Card>
  )
}

/** Its id begins with the time, which stands beside it. */
function RunLink({ run }: { run: string }): JSX.Element {
  return (
    <a href={hrefOf('runs', { run })} title={run.slice(0, 2000)}>
      {run.slice(run.lastIndexOf('-') + 1).slice(-24)}
    </a>
  )
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

function Conditions({ order }: { order: string }): JSX.Element {
  const { address } = useShown()
  const { params } = address
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
        <select value={order} onChange={({ currentTarget }) => go(hrefWith({ order: currentTarget.value }))}>
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
