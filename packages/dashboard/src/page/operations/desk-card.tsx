import type { ComponentChildren, JSX } from 'preact'
import type { Span } from '../ui/card.tsx'
import { Card, Empty } from '../ui/card.tsx'
import { DataTable, type Column } from '../ui/data-table.tsx'
import { useList } from './use-list.ts'

/** A card over a list of the API. */
export function DeskCard<Item>({
  title,
  path,
  summary,
  none,
  columns,
  span = 12,
  only = () => true,
  children,
}: {
  title: string
  path: string
  summary: string
  /** What is said where the list is empty. */
  none: string
  columns: readonly Column<Item>[]
  span?: Span
  /** Which of them. @defaultValue all */
  only?: (item: Item) => boolean
  children?: ComponentChildren
}): JSX.Element {
  const { items, hasMore, problem } = useList<Item>(path)
  const shown = items?.filter(only) ?? []
  return (
    <Card title={title} summary={summary} span={span}>
      {problem === undefined ? null : (
        <p class="notice" role="alert">
          {problem}
        </p>
      )}
      {items === undefined ? null : shown.length === 0 ? (
        <Empty title={none} />
      ) : (
        <DataTable caption={`${title}, as the API lists them`} rows={shown} columns={columns} />
      )}
      {hasMore ? <p class="small muted">There are more; the API lists all of them.</p> : null}
      {children}
    </Card>
  )
}
