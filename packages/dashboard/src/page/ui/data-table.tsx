import { useMemo, useState } from 'preact/hooks'
import type { Link } from '@tidegate/monitor'
import type { ComponentChildren, JSX } from 'preact'
import { exact } from '../format/amounts.ts'
import { Count } from './number.tsx'

export interface Column<Row> {
  readonly label: string
  /** What is sorted by; text, number or nothing. */
  readonly value: (row: Row) => string | number | null | undefined
  /** @defaultValue the value as text */
  readonly cell?: ((row: Row) => ComponentChildren) | undefined
  /** `count`: a number for people, with a link to the rows behind it where `link` gives one. `acts`: buttons. */
  readonly kind?: 'acts' | 'number' | 'count' | 'name' | 'text' | 'nowrap' | undefined
  readonly link?: ((row: Row) => Link | undefined) | undefined
}

interface Sorting {
  readonly column: number
  readonly down: boolean
}

const PAGE_ROWS = 25

/** A real table: caption, sortable heads, the first column as row head, 25 rows at a time. */
export function DataTable<Row>({
  caption,
  columns,
  rows,
  total,
  isCurrent,
  pageRows = PAGE_ROWS,
  onMore,
  isOpenEnded = false,
  keyOf,
  stacks = false,
}: {
  caption: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  /** Of how many these are, where the list was cut. */
  total?: number | undefined
  isCurrent?: ((row: Row) => boolean) | undefined
  pageRows?: number
  /** Gets more of the total than `rows` has. */
  onMore?: (() => void) | undefined
  /** There are more than `rows`, and nobody knows how many. */
  isOpenEnded?: boolean
  /** Where rows have a state of their own. @defaultValue their place */
  keyOf?: ((row: Row) => string) | undefined
  /** On a phone each row is a small card: nothing of it is out of sight. */
  stacks?: boolean
}): JSX.Element {
  const [sorting, setSorting] = useState<Sorting | undefined>(undefined)
  const [shown, setShown] = useState(pageRows)
  const sorted = useMemo(() => sortRows(rows, columns, sorting), [rows, columns, sorting])
  const visible = sorted.slice(0, shown)
  const all = Math.max(total ?? 0, rows.length)
  return (
    <>
      <div class={stacks ? 'table-scroll stacks' : 'table-scroll'} tabIndex={0} role="region" aria-label={caption}>
        <table>
          <caption>{caption}</caption>
          <thead>
            <tr>
              {columns.map((column, index) => (
                <Head
                  key={column.label}
                  column={column}
                  sorted={sorting?.column === index ? (sorting.down ? 'descending' : 'ascending') : undefined}
                  onSort={() => setSorting(nextSorting(sorting, index, column.kind === 'number'))}
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {visible.map((row, at) => (
              <tr key={keyOf?.(row) ?? at} aria-current={isCurrent?.(row) === true ? 'true' : undefined}>
                {columns.map((column, index) => {
                  const content = contentOf(column, row)
                  return index === 0 ? (
                    <th key={column.label} scope="row" class={classOf(column) ?? 'name'}>
                      {content}
                    </th>
                  ) : (
                    <td key={column.label} class={classOf(column)} data-label={stacks ? column.label : undefined}>
                      {content}
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {all > visible.length || onMore !== undefined ? (
        <div class="more">
          <span>
            {exact(visible.length)} of {isOpenEnded ? 'more than ' : ''}
            {exact(all)} shown
          </span>
          {rows.length > visible.length ? (
            <button type="button" onClick={() => setShown(shown + Math.max(pageRows, PAGE_ROWS))}>
              Show {exact(Math.min(Math.max(pageRows, PAGE_ROWS), rows.length - visible.length))} more
            </button>
          ) : onMore === undefined ? null : (
            <button
              type="button"
              onClick={() => {
                setShown(shown + pageRows)
                onMore()
              }}
            >
              Get more
            </button>
          )}
        </div>
      ) : null}
    </>
  )
}

function Head<Row>({
  column,
  sorted,
  onSort,
}: {
  column: Column<Row>
  sorted: 'ascending' | 'descending' | undefined
  onSort: () => void
}): JSX.Element {
  if (column.kind === 'acts')
    return (
      <th scope="col" class="acts">
        <span class="visually-hidden">{column.label}</span>
      </th>
    )
  return (
    <th scope="col" class={classOf(column)} aria-sort={sorted}>
      <button type="button" onClick={onSort}>
        {column.label}
        <span aria-hidden="true">{sorted === undefined ? '' : sorted === 'ascending' ? ' ↑' : ' ↓'}</span>
      </button>
    </th>
  )
}

/** Numbers begin with the most, text with A; the third click gives the given order back. */
function nextSorting(now: Sorting | undefined, column: number, downFirst: boolean): Sorting | undefined {
  if (now?.column !== column) return { column, down: downFirst }
  return now.down === downFirst ? { column, down: !downFirst } : undefined
}

function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sorting: Sorting | undefined,
): readonly Row[] {
  const column = sorting === undefined ? undefined : columns[sorting.column]
  if (sorting === undefined || column === undefined) return rows
  const direction = sorting.down ? -1 : 1
  return rows.toSorted((a, b) => compare(column.value(a), column.value(b), direction))
}

type Sortable = string | number | null | undefined

/** What is not known comes last in both directions. */
function compare(a: Sortable, b: Sortable, direction: 1 | -1): number {
  const [aMissing, bMissing] = [a === null || a === undefined, b === null || b === undefined]
  if (aMissing || bMissing) return Number(aMissing) - Number(bMissing)
  if (typeof a === 'number' && typeof b === 'number') return (a - b) * direction
  return String(a).localeCompare(String(b), 'en', { numeric: true }) * direction
}

function classOf<Row>({ kind }: Column<Row>): string | undefined {
  return kind === 'count' ? 'number' : kind
}

function contentOf<Row>(column: Column<Row>, row: Row): ComponentChildren {
  if (column.cell !== undefined) return column.cell(row)
  const value = column.value(row)
  if (column.kind !== 'count' || typeof value === 'string') return plain(value)
  return <Count value={value} link={column.link?.(row)} />
}

function plain(value: Sortable): ComponentChildren {
  if (value === null || value === undefined || value === '') return <span class="muted">–</span>
  if (value === 0) return <span class="muted">0</span>
  return typeof value === 'number' ? exact(value) : value
}
