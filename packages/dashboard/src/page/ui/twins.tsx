/** Tables that several charts have as their twins. */
import type { Link } from '@tidegate/monitor'
import type { JSX } from 'preact'
import { day as dayText, exactTime } from '../format/times.ts'
import { exact } from '../format/amounts.ts'
import { hrefOfLink } from '../state/app.ts'
import { DataTable, type Column } from './data-table.tsx'

export interface DayRow {
  readonly day: string
  readonly link?: Link | undefined
  readonly values: readonly (number | null)[]
}

/** One row per day or instant, one column per series; the first column links to the rows behind. */
export function DayTwin({
  caption,
  names,
  rows,
  format = exact,
}: {
  caption: string
  names: readonly string[]
  rows: readonly DayRow[]
  format?: (value: number | null) => string
}): JSX.Element {
  const columns: readonly Column<DayRow>[] = [
    {
      label: rows.some(({ day }) => day.length > 10) ? 'Time' : 'Day',
      value: ({ day }) => day,
      kind: 'nowrap',
      cell: ({ day, link }) => {
        const text = day.length > 10 ? exactTime(day) : `${dayText(day)} (${day})`
        return link === undefined ? text : <a href={hrefOfLink(link)}>{text}</a>
      },
    },
    ...names.map((name, index): Column<DayRow> => ({
      label: name,
      kind: 'number',
      value: ({ values }) => values[index] ?? null,
      cell: ({ values }) => <span title={exact(values[index] ?? null)}>{format(values[index] ?? null)}</span>,
    })),
  ]
  return <DataTable caption={caption} columns={columns} rows={rows} />
}

export interface NamedRow {
  readonly name: string
  readonly link?: Link | undefined
  readonly values: readonly (number | null)[]
}

/** One row per name. */
export function NamedTwin({
  caption,
  head,
  names,
  rows,
  format = exact,
}: {
  caption: string
  head: string
  names: readonly string[]
  rows: readonly NamedRow[]
  format?: (value: number | null, column: number) => string
}): JSX.Element {
  const columns: readonly Column<NamedRow>[] = [
    {
      label: head,
      value: ({ name }) => name,
      cell: ({ name, link }) => (
        <span class="clip" title={name.slice(0, 2000)}>
          {link === undefined ? name.slice(0, 300) : <a href={hrefOfLink(link)}>{name.slice(0, 300)}</a>}
        </span>
      ),
    },
    ...names.map((label, index): Column<NamedRow> => ({
      label,
      kind: 'number',
      value: ({ values }) => values[index] ?? null,
      cell: ({ values }) => <span title={exact(values[index] ?? null)}>{format(values[index] ?? null, index)}</span>,
    })),
  ]
  return <DataTable caption={caption} columns={columns} rows={rows} />
}
