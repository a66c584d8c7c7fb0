import { stringifyJson, TidegateError, type Paged, type PageRequest } from '@tidegate/core'
import { sql, type RawBuilder } from 'kysely'

/** A list in the order of these columns, the newest first. The last column makes the order total. */
export interface PageOrder {
  /** A cursor of one list is none of another. */
  readonly list: string
  readonly columns: readonly { readonly name: string; readonly type: 'text' | 'number' }[]
}

/** Where a page begins, and how many rows to ask for: one more than it shows, so that its end is known. */
export function pageQuery(
  order: PageOrder,
  request: PageRequest,
): { readonly after: RawBuilder<boolean>; readonly rows: number } {
  const { limit } = request
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) throw badLimit(limit)
  const names = order.columns.map(({ name }) => sql.ref(name))
  const last = request.after === undefined ? undefined : readCursor(order, request.after)
  return {
    after: last === undefined ? sql<boolean>`1 = 1` : sql<boolean>`(${sql.join(names)}) < (${sql.join(last)})`,
    rows: limit + 1,
  }
}

/** One of these; with none of them nothing is, which Postgres cannot say by an empty list. */
export function isOneOf(column: string, values: readonly string[]): RawBuilder<boolean> {
  return values.length === 0 ? sql<boolean>`1 = 0` : sql<boolean>`${sql.ref(column)} in (${sql.join(values)})`
}

export function toPage<Row extends object, Item>(
  order: PageOrder,
  request: PageRequest,
  rows: readonly Row[],
  toItem: (row: Row) => Item,
): Paged<Item> {
  const shown = rows.slice(0, request.limit)
  const last = rows.length > request.limit ? shown.at(-1) : undefined
  return { items: shown.map((row) => toItem(row)), next: last === undefined ? null : writeCursor(order, last) }
}

function writeCursor(order: PageOrder, row: object): string {
  const values = order.columns.map(({ name }) => Reflect.get(row, name) as unknown)
  return Buffer.from(stringifyJson([order.list, ...values])).toString('base64url')
}

/** What comes from outside is looked at, also because Postgres has its own ideas of what can be compared with a number. */
function readCursor(order: PageOrder, cursor: string): readonly (string | number)[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    throw badCursor()
  }
  if (!Array.isArray(parsed) || parsed.length !== order.columns.length + 1 || parsed[0] !== order.list)
    throw badCursor()
  return order.columns.map(({ type }, index) => {
    const value: unknown = parsed[index + 1]
    if (type === 'text' && typeof value === 'string') return value
    if (type === 'number' && typeof value === 'number' && Number.isSafeInteger(value)) return value
    throw badCursor()
  })
}

function badCursor(): TidegateError {
  return new TidegateError('STATE_BAD_CURSOR', 'this is no cursor of this list', {
    hint: 'Give back `next` of the page before, as it is, or leave it out to begin at the newest.',
    dataNow: 'Nothing was changed.',
  })
}

function badLimit(limit: number): TidegateError {
  return new TidegateError('STATE_BAD_INPUT', `a page has 1 to 1000 rows, not ${String(limit)}`, {
    hint: 'Ask for fewer rows, and for the next page with its cursor.',
    dataNow: 'Nothing was changed.',
  })
}
