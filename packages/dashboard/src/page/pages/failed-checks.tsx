import type { CheckRecord } from '@tidegate/core'
import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { hrefWith, report } from '../state/app.ts'
import { useShown } from '../state/shown.ts'
import { Card, Empty } from '../ui/card.tsx'
import { Command } from '../ui/command.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { Name, Percent, When } from '../ui/number.tsx'

/** The end of the way down: results of one check, file by file, with the rows that broke it where they may be shown. */
export function FailedChecks(): JSX.Element | null {
  const { address, facts } = useShown()
  const { params } = address
  const check = params.get('check')
  const known = facts.failedChecks
  const rows = useMemo(() => known.items.filter(({ result }) => check !== null && result.id === check), [known, check])
  if (check === null) return null
  const samples = rows.flatMap((record) => samplesOf(record)).slice(0, 50)
  return (
    <Card
      title={`Check ${check.slice(0, 120)}`}
      summary={`${rows.length} of its failed results are at hand${rows[0] === undefined ? '' : `; ${rows[0].result.message.slice(0, 300)}`}.`}
      actions={
        <a class="small" href={hrefWith({ check: null })}>
          Close
        </a>
      }
    >
      {rows.length === 0 ? (
        <Empty title="No failed result of this check is at hand" command="tidegate monitor quality --output json">
          It passed in this window, or its results were left out of this file.
        </Empty>
      ) : (
        <DataTable
          caption="Files that failed it, newest first"
          rows={rows}
          pageRows={20}
          columns={[
            {
              label: 'File',
              value: (row) => row.file,
              cell: (row) => (
                <Name
                  text={pathOf(row)}
                  link={{ page: 'files', params: { source: row.source, dataset: row.dataset, file: pathOf(row) } }}
                />
              ),
            },
            {
              label: 'Checked',
              kind: 'nowrap',
              value: (row) => row.checkedAtMs,
              cell: (row) => <When at={new Date(row.checkedAtMs).toISOString()} />,
            },
            { label: 'Outcome', value: (row) => row.result.outcome },
            { label: 'Rows', kind: 'count', value: (row) => row.result.unexpectedCount },
            { label: 'Of', kind: 'count', value: (row) => row.result.elementCount },
            {
              label: 'Share',
              kind: 'number',
              value: (row) => row.result.unexpectedPercent,
              cell: (row) => <Percent value={row.result.unexpectedPercent} />,
            },
            {
              label: 'Said',
              kind: 'text',
              value: (row) => row.result.message,
              cell: (row) => <Name text={row.result.message} />,
            },
          ]}
        />
      )}
      {samples.length > 0 ? (
        <DataTable
          caption="Failing rows: samples, masked where the column is sensitive"
          rows={samples}
          pageRows={20}
          columns={[
            { label: 'File', value: (row) => row.file, cell: (row) => <Name text={row.file} /> },
            { label: 'Row', kind: 'number', value: (row) => row.row },
            {
              label: 'Value',
              kind: 'text',
              value: (row) => row.value,
              cell: (row) => <code class="clip">{row.value}</code>,
            },
          ]}
        />
      ) : rows.length > 0 ? (
        <p class="small muted">
          {report.value?.samples === 'none'
            ? 'Values of rows are left out here. With them: '
            : 'No values were kept. The failing rows: '}
          <Command
            text={
              report.value?.samples === 'none' ? `${report.value.command} --include-samples` : 'tidegate quarantine ls'
            }
          />
        </p>
      ) : null}
    </Card>
  )
}

/** `source/path#2` → `path`. */
function pathOf({ source, file }: CheckRecord): string {
  const inside = file.startsWith(`${source}/`) ? file.slice(source.length + 1) : file
  return inside.replace(/#\d+$/, '')
}

function samplesOf(
  record: CheckRecord,
): readonly { readonly file: string; readonly row: number | null; readonly value: string }[] {
  const { partialUnexpected = [], partialUnexpectedRows = [] } = record.result
  return partialUnexpected.map((value, index) => ({
    file: pathOf(record),
    row: partialUnexpectedRows[index]?.row ?? null,
    value: value === null ? 'NULL' : typeof value === 'object' ? JSON.stringify(value) : String(value),
  }))
}
