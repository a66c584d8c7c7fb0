import type { ComponentChildren, JSX } from 'preact'
import type { Span } from '../ui/card.tsx'
import { Card } from '../ui/card.tsx'
import { DataTable, type Column } from '../ui/data-table.tsx'
import { useList } from './use-list.ts'

/** A card over a list of the API. */
export function DeskCard<Item extends { readonly id: string }>({
  title,
  path,
  summary,
  none,
  columns,
  span = 12,
  children,
}: {
  title: string
  /** With its filter, without `limit`. */
  path: string
  summary: string
  /** What is said where the list is empty. */
  none: string
  columns: readonly Column<Item>[]
  span?: Span
  children?: ComponentChildren
}): JSX.Element {
  const { items, hasMore, problem, more } = useList<Item>(path)
  return (
    <Card title={title} summary={summary} span={span}>
      {problem === undefined ? null : (
        <p class="notice" role="alert">
          {problem}
        </p>
      )}
      {items === undefined ? (
        <p class="muted">{problem === undefined ? 'Reading…' : ''}</p>
      ) : items.length === 0 && !hasMore ? (
        <p class="muted">{none}.</p>
      ) : (
        <DataTable
          caption={`${title}, as the API lists them`}
          rows={items}
          columns={columns}
          // Buttons stand in the rows: what is asked of one must not slip to another when the list moves.
          keyOf={(row) => row.id}
          stacks
          onMore={hasMore ? more : undefined}
          isOpenEnded={hasMore}
        />
      )}
      {children}
    </Card>
  )
}
