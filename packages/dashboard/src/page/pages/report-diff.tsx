import { useSignal } from '@preact/signals'
import { diffReports, monitorReport, type MonitorReport, type ReportDiff } from '@tidegate/monitor'
import type { JSX } from 'preact'
import { count, percent } from '../format/amounts.ts'
import { exactTime } from '../format/times.ts'
import { readDropped } from '../source/read-dropped.ts'
import { announce } from '../state/app.ts'
import { shown } from '../state/shown.ts'
import { Card, Empty } from '../ui/card.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { Name } from '../ui/number.tsx'
import { Status } from '../ui/status.tsx'

/** One report beside this page, or two beside each other. They are read here and go nowhere. */
export function ReportDiffCard(): JSX.Element {
  const diff = useSignal<ReportDiff | undefined>(undefined)
  const trouble = useSignal<string | undefined>(undefined)
  const compare = async (files: readonly File[]): Promise<void> => {
    if (files.length === 0) return
    try {
      const read = await Promise.all(files.slice(0, 2).map((file) => readDropped(file)))
      diff.value = diffOf(read)
      trouble.value = undefined
      announce(diff.value?.summary ?? '')
    } catch (error) {
      trouble.value = error instanceof Error ? error.message : String(error)
    }
  }
  return (
    <Card
      title="Compare reports"
      summary="Drop one report (JSON or HTML) to compare it with this page, or two to compare them. They are read in your browser and go nowhere."
    >
      <div
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault()
          void compare([...(event.dataTransfer?.files ?? [])])
        }}
      >
        <label class="field">
          Reports
          <input
            type="file"
            multiple
            accept=".json,.html,application/json,text/html"
            onChange={({ currentTarget }) => void compare([...(currentTarget.files ?? [])])}
          />
        </label>
        {trouble.value === undefined ? null : (
          <p class="notice" role="alert">
            {trouble.value}
          </p>
        )}
        {diff.value === undefined ? (
          <Empty title="Nothing to compare yet" command="tidegate monitor diff before.json after.json">
            The same in the terminal, with an exit code for CI:
          </Empty>
        ) : (
          <Difference diff={diff.value} />
        )}
      </div>
    </Card>
  )
}

/** The earlier one is `before`, in whatever order they came. */
function diffOf(read: readonly MonitorReport[]): ReportDiff | undefined {
  const now = shown.peek()
  const here = now === undefined ? [] : [monitorReport(now.facts, now.context)]
  const [before, after] = (read.length === 1 ? [...read, ...here] : read).toSorted((a, b) =>
    String(a.generatedAt).localeCompare(String(b.generatedAt)),
  )
  return before === undefined || after === undefined ? undefined : diffReports(before, after)
}

const VERDICTS = {
  better: ['ok', 'Better'],
  same: ['unknown', 'The same'],
  worse: ['bad', 'Worse'],
} as const

function Difference({ diff }: { diff: ReportDiff }): JSX.Element {
  const [health, word] = VERDICTS[diff.verdict]
  const causes = [
    ...diff.causes.new.map((cause) => ({ ...cause, change: 'new' })),
    ...diff.causes.changed.map((cause) => ({ ...cause, change: 'changed' })),
    ...diff.causes.gone.map((cause) => ({ ...cause, change: 'gone' })),
  ]
  return (
    <>
      <p>
        <Status health={health} word={word} /> {diff.summary}{' '}
        <span class="muted small">
          {exactTime(diff.before.generatedAt)} → {exactTime(diff.after.generatedAt)}
        </span>
      </p>
      <ul class="rows">
        {diff.reasons.map(({ verdict, text }, index) => (
          <li key={index}>
            <Status health={VERDICTS[verdict][0]} word={VERDICTS[verdict][1]} />
            <p>{text}</p>
          </li>
        ))}
      </ul>
      <DataTable
        caption="Scores that changed"
        rows={diff.scores}
        pageRows={20}
        columns={[
          {
            label: 'Score of',
            value: (row) => row.dataset ?? row.source ?? 'everything',
            cell: (row) => <Name text={row.dataset ?? row.source ?? 'everything'} />,
          },
          { label: 'Before', kind: 'number', value: (row) => row.before, cell: (row) => percent(row.before) },
          { label: 'After', kind: 'number', value: (row) => row.after, cell: (row) => percent(row.after) },
          {
            label: 'Verdict',
            value: (row) => row.verdict,
            cell: (row) => <Status health={VERDICTS[row.verdict][0]} word={VERDICTS[row.verdict][1]} />,
          },
        ]}
      />
      <DataTable
        caption="Causes that came, changed or went"
        rows={causes}
        pageRows={20}
        columns={[
          { label: 'Cause', value: (row) => row.code, cell: (row) => <Name text={row.code} /> },
          {
            label: 'Dataset',
            value: (row) => row.dataset ?? row.source,
            cell: (row) => <Name text={row.dataset ?? row.source} />,
          },
          { label: 'Change', value: (row) => row.change },
          { label: 'Before', kind: 'number', value: (row) => row.before, cell: (row) => count(row.before) },
          { label: 'After', kind: 'number', value: (row) => row.after, cell: (row) => count(row.after) },
        ]}
      />
    </>
  )
}
