/** Which rows lose: against another of the same batch, or against one of the batch in the target. Names come quoted. */
import { join } from 'node:path'
import type { LedgerPart } from '@tidegate/core'
import { findColumns, needColumns, partRows } from './part-rows.ts'
import { rangesOf } from '../part-ranges.ts'
import { NONE, type GoneRows, type SettleContext, type Span } from './settle-context.ts'

/** Rows of staged parts with the same keys as a better one: lower by `orderBy` (NULL is lowest), else earlier. */
export async function findLosers(
  context: SettleContext,
  staged: readonly LedgerPart[],
  keys: readonly string[],
  orderBy: string | undefined,
): Promise<GoneRows> {
  const { session } = context
  const rows = await partRows(
    session,
    staged.map((part) => join(context.directory, part.staged)),
    context.query,
  )
  const names = needColumns(session, rows.columns, keys, 'keys')
  const [order] = orderBy === undefined ? [] : needColumns(session, rows.columns, [orderBy], 'order_by')
  const sorted = [...(order === undefined ? [] : [`${order} DESC NULLS LAST`]), `${rows.file} DESC`, `${rows.row} DESC`]
  const place = `row_number() OVER (PARTITION BY ${names.join(', ')} ORDER BY ${sorted.join(', ')})`
  const some = names.map((name) => `${name} IS NOT NULL`).join(' AND ')
  return write(
    context,
    `SELECT ${rows.file} AS "part", ${rows.row} AS "row" FROM ${rows.sql} WHERE ${some} QUALIFY ${place} > 1`,
  )
}

export interface Matches {
  /** Rows of the live parts whose key the batch brings. */
  readonly live: GoneRows
  /** Rows of the batch for whose key the target has one with a higher `orderBy`. Then none of that key leaves. */
  readonly staged: GoneRows
}

/**
 * Pairs of rows with the same keys, one live, one of the batch. NULL is equal to nothing.
 *
 * @param lost rows of the batch that count as not there; after this every key is in it once
 * @param live where the live parts lie, relative to the target
 * @param leaving rows of the live parts that count as not there
 * @param firm rows of the live parts that stay, where no `orderBy` decides
 */
export async function findMatches(
  context: SettleContext,
  staged: readonly LedgerPart[],
  lost: GoneRows,
  live: readonly string[],
  leaving: readonly Span[],
  firm: readonly Span[] = [],
): Promise<Matches | undefined> {
  const { session, plan, directory } = context
  const fresh = await partRows(
    session,
    staged.map((part) => join(directory, part.staged)),
    context.query,
  )
  const old = await partRows(
    session,
    live.map((path) => join(directory, path)),
    context.query,
  )
  const newKeys = needColumns(session, fresh.columns, plan.keys, 'keys')
  const oldKeys = findColumns(session, old.columns, plan.keys)
  if (oldKeys === undefined) return undefined
  const order = plan.dedup?.orderBy === undefined ? [] : [plan.dedup.orderBy]
  const [newOrder] = needColumns(session, fresh.columns, order, 'order_by')
  const [oldOrder] = findColumns(session, old.columns, order) ?? []
  const wins =
    newOrder === undefined || oldOrder === undefined
      ? isIn(firm, `o.${old.file}`, `o.${old.row}`)
      : `(o.${oldOrder} IS NOT NULL AND (n.${newOrder} IS NULL OR o.${oldOrder} > n.${newOrder}))`
  const equal = oldKeys.map((key, at) => `o.${key} = n.${newKeys[at] ?? ''}`).join(' AND ')
  const away = leaving.map(
    ({ part, from, to }) => `(o.${old.file} = ${part} AND o.${old.row} >= ${from} AND o.${old.row} < ${to})`,
  )
  const alive = away.length === 0 ? '' : ` AND NOT (${away.join(' OR ')})`
  const pairs = `SELECT o.${old.file} AS old_part, o.${old.row} AS old_row, n.${fresh.file} AS new_part, n.${fresh.row} AS new_row, ${wins} AS wins
    FROM ${old.sql} AS o JOIN (SELECT * FROM ${fresh.sql} AS f ANTI JOIN ${lost.sql} AS g ON f.${fresh.file} = g."part" AND f.${fresh.row} = g."row") AS n ON ${equal}${alive}`
  const found = await write(
    context,
    `SELECT old_part, old_row, new_part, new_row, bool_or(wins) OVER (PARTITION BY new_part, new_row) AS lost FROM (${pairs})`,
  )
  return {
    live: { sql: `(SELECT old_part AS "part", old_row AS "row" FROM ${found.sql} WHERE NOT lost)` },
    staged: { sql: `(SELECT DISTINCT new_part AS "part", new_row AS "row" FROM ${found.sql} WHERE lost)` },
  }
}

function isIn(spans: readonly Span[], part: string, row: string): string {
  if (spans.length === 0) return 'false'
  const values = spans.map((span) => `(${span.part}, ${span.from}, ${span.to})`).join(', ')
  return `EXISTS (SELECT 1 FROM (VALUES ${values}) AS firm("at", "first", "last") WHERE ${part} = firm."at" AND ${row} >= firm."first" AND ${row} < firm."last")`
}

/** Rows of these spans as rows that leave. */
export function spanRows(spans: readonly Span[]): GoneRows {
  if (spans.length === 0) return NONE
  const rows = spans.map(({ part, from, to }) => `SELECT ${part} AS "part", range AS "row" FROM range(${from}, ${to})`)
  return { sql: `(${rows.join(' UNION ALL ')})` }
}

/** Where the rows of some file versions lie in parts that others share. */
export function spansOf(parts: readonly LedgerPart[], files: ReadonlySet<string>): readonly Span[] {
  return parts.flatMap((part, at) => {
    let from = 0
    return rangesOf(part).flatMap(({ file, rows }) => {
      const span = { part: at, from, to: from + rows }
      from = span.to
      return files.has(file) && rows > 0 ? [span] : []
    })
  })
}

async function write(context: SettleContext, select: string): Promise<GoneRows> {
  const { session, query } = context
  const path = session.dialect.literal(context.scratch())
  await session.query(`COPY (${select}) TO ${path} (FORMAT parquet)`, query)
  return { sql: `read_parquet(${path})` }
}
