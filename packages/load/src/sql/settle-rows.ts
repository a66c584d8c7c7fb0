/**
 * What a batch brings to a table and takes away from it, worked out before its commit.
 *
 *   (1) Of staged rows with equal keys one stays.                                            [settleBatch]
 *   (2) With mode `upsert`, a staged row goes for which the table has one with a higher `orderBy`, or
 *       without one a row of the file versions that it yields to; so does, where partitions are replaced,
 *       one whose partition has such a row.                                                  [dropLosers]
 *   (3) Live rows leave by mode, by key or partition, and with the file versions that leave.  [planLosses]
 *
 * Whole parts go by number; of parts that lose some of their rows the rest stays where it is under a new name, so that the
 * ledger says of every part how many rows it has and no row is written twice.
 */
import { join } from 'node:path'
import type { LedgerPart, Settlement, SettleRequest } from '@tidegate/core'
import type { LogState } from '../log-state.ts'
import { sumRows } from '../part-ranges.ts'
import { needColumns, partRows } from '../settle/part-rows.ts'
import { rewriteParts } from '../settle/rewrite-parts.ts'
import { partitionsChanged } from '../settle/plan-replace.ts'
import { settleBatch } from '../settle/settle-batch.ts'
import type { SettleContext } from '../settle/settle-context.ts'
import { PART_COLUMN } from './ledger-tables.ts'
import { countMatches, keysEqual, matchCondition, ofPieces, readPieces } from './pieces.ts'
import { qualified } from './plan-table.ts'
import { planLosses } from './plan-losses.ts'
import type { Match, Piece, SettledBatch } from './settled-batch.ts'
import type { SqlConnection, SqlDatabase } from './sql-database.ts'

export interface SettledRows {
  readonly settlement: Settlement
  /** Staged parts of `settlement.add`: those whose rows have to come in. */
  readonly fresh: readonly LedgerPart[]
  readonly batch: Pick<SettledBatch, 'match' | 'kept'>
}

/** @param nameOf a path for the nth part that stays under a new name, and where it would be staged */
export async function settleRows(
  context: SettleContext,
  staged: readonly LedgerPart[],
  { leaving, yieldTo }: SettleRequest,
  database: SqlDatabase,
  read: <T>(work: (connection: SqlConnection, state: LogState) => Promise<T>) => Promise<T>,
  nameOf: (index: number) => Pick<LedgerPart, 'visible' | 'staged'>,
): Promise<SettledRows> {
  const { plan } = context
  const keys = plan.mode === 'upsert' ? { keys: plan.keys, orderBy: plan.dedup?.orderBy } : plan.dedup
  const alone = { ...plan, mode: 'append', dedup: keys, partitionBy: [] } as const
  const own = await settleBatch({ ...context, plan: alone }, staged, { leaving: new Set() }, async () => NOTHING_LIVE)
  const changes = plan.mode !== 'append' && staged.length > 0
  return read(async (connection, state) => {
    const { parts } = state
    const touched = [...parts.values()].filter((part) => changes || part.files.some((file) => leaving.has(file)))
    const pieces = await piecesOf(connection, database, touched, changes)
    let { add, dropped } = own
    const stays = pieces.some(({ file, rows }) => rows > 0 && !leaving.has(file))
    let match = changes && pieces.length > 0 ? await matchOf(context, database, connection, add, stays) : undefined
    if (match !== undefined) {
      const staying = pieces.filter(({ file }) => !leaving.has(file))
      const firm = staying.filter(({ file }) => yieldTo?.has(file) === true)
      const gone = pieces.filter(({ file }) => leaving.has(file))
      const kept = await dropLosers(context, database, connection, add, match, { gone, firm })
      if (kept !== undefined) {
        add = kept.add
        dropped = sumRows([...dropped, ...kept.dropped])
        match = add.length === 0 ? undefined : await matchOf(context, database, connection, add, stays)
      }
    }
    const counts = await lossCounts(connection, database, pieces, changes ? context : undefined, match)
    const taken = planLosses(parts, pieces, leaving, counts, nameOf)
    return {
      settlement: {
        add: [...add, ...taken.renamed],
        remove: taken.remove,
        superseded: taken.superseded,
        dropped,
        basedOn: changes ? state.lastSeq : undefined,
      },
      fresh: add,
      batch: { match, kept: taken.kept },
    }
  })
}

const NOTHING_LIVE = { lastSeq: 0, parts: [] }

async function piecesOf(
  connection: SqlConnection,
  database: SqlDatabase,
  touched: readonly LedgerPart[],
  all: boolean,
): Promise<readonly Piece[]> {
  if (touched.length === 0) return []
  return readPieces(connection, database, all ? undefined : new Set(touched.map((part) => part.visible)))
}

/**
 * How the rows of the batch are found in the table; undefined where everything goes or the table has no such keys.
 *
 * @param stays whether the table has rows that do not leave with their file version
 * @throws TARGET_PARTITIONS_CHANGED if nobody can tell in which partition these are
 */
async function matchOf(
  context: SettleContext,
  database: SqlDatabase,
  connection: SqlConnection,
  add: readonly LedgerPart[],
  stays: boolean,
): Promise<Match | undefined> {
  const { plan, session, directory } = context
  if (plan.mode === 'replace' && plan.replace === 'all') return undefined
  if (add.every((part) => part.rows === 0)) return undefined
  const by = plan.mode === 'upsert' ? 'keys' : 'partitions'
  const files = add.map((part) => join(directory, part.staged))
  const { columns: staged } = await partRows(session, files, context.query)
  const named = by === 'keys' ? plan.keys : plan.partitionBy
  needColumns(session, staged, named, by === 'keys' ? 'keys' : 'partition_by')
  const spelled = (name: string): string => staged.find((column) => isSame(column.name, name))?.name ?? name
  const has = new Set((await database.shape(connection))?.columns.map(({ name }) => database.nameKey(name)))
  const columns = named.map(spelled)
  if (columns.some((column) => !has.has(database.nameKey(column)))) {
    if (by === 'partitions' && stays) throw partitionsChanged('The rows of the table were loaded', named)
    return undefined
  }
  const order = plan.mode === 'upsert' && plan.dedup?.orderBy !== undefined ? [spelled(plan.dedup.orderBy)] : []
  const orders = order.filter((column) => has.has(database.nameKey(column)) && !columns.includes(column))
  const keys = { columns: [...columns, ...orders], files, scratch: context.scratch() }
  await database.convertKeys(session, keys)
  return { by, columns, keys, orderBy: order.find((column) => has.has(database.nameKey(column))) }
}

function isSame(one: string, other: string): boolean {
  return one === other || one.toLowerCase() === other.toLowerCase()
}

interface Rivals {
  /** Pieces that leave with this batch, whose rows win against nobody. */
  readonly gone: readonly Piece[]
  /** Pieces whose rows win where no order decides. */
  readonly firm: readonly Piece[]
}

async function dropLosers(
  context: SettleContext,
  database: SqlDatabase,
  connection: SqlConnection,
  add: readonly LedgerPart[],
  match: Match,
  { gone, firm }: Rivals,
): Promise<Pick<Settlement, 'add' | 'dropped'> | undefined> {
  if (match.orderBy === undefined && firm.length === 0) return undefined
  const { session, directory, query } = context
  const relation = await database.loadKeys(connection, match.keys)
  const rows = await partRows(session, match.keys.files, query)
  const types = new Map(rows.columns.map((column) => [column.name, column]))
  const alive =
    gone.length === 0
      ? ''
      : ` AND NOT ${ofPieces(
          database,
          gone.map(({ id }) => id),
        )}`
  const wins =
    match.orderBy === undefined
      ? ofPieces(
          database,
          firm.map(({ id }) => id),
        )
      : isLater(database, match.orderBy, types.get(match.orderBy)?.type ?? '')
  const ours = `t.${database.identifier(PART_COLUMN)} IS NOT NULL${alive}`
  const names = match.columns.map((column) => database.identifier(column))
  const select =
    `SELECT DISTINCT ${names.map((name) => `k.${name}`).join(', ')} FROM ${relation} AS k JOIN ${qualified(database)} AS t ` +
    `ON ${keysEqual(database, match)} WHERE ${ours} AND ${wins}`
  if ((await connection.rows(`SELECT 1 FROM (${select}) AS s LIMIT 1`)).length === 0) return undefined
  const columns = match.columns.map((name) => types.get(name) ?? { name, type: 'VARCHAR' })
  const lost = await database.exportRows(
    connection,
    select,
    columns,
    join(directory, dirOf(match.keys.files, directory)),
    session,
  )
  const is = match.by === 'keys' ? '=' : 'IS NOT DISTINCT FROM'
  const equal = names.map((name) => `r.${name} ${is} l.${name}`).join(' AND ')
  const sql = `(SELECT r.${rows.file} AS "part", r.${rows.row} AS "row" FROM ${rows.sql} AS r SEMI JOIN ${lost} AS l ON ${equal})`
  const rewritten = await rewriteParts(context, add, (part) => part.staged, { sql })
  const byPart = new Map(rewritten.map((item) => [item.part, item]))
  for (const { part } of rewritten) await context.discard(part.staged)
  return {
    add: add.flatMap((part) => (byPart.has(part) ? (byPart.get(part)?.kept ?? []) : part)),
    dropped: sumRows(rewritten.flatMap((item) => item.gone)),
  }
}

/** The table's row t is after the row k of the batch. */
function isLater(database: SqlDatabase, orderBy: string, type: string): string {
  const order = database.identifier(orderBy)
  const [old, fresh] = [`t.${order}`, `k.${order}`].map((cell) => database.sortable(cell, type))
  return `${old} IS NOT NULL AND (${fresh} IS NULL OR ${old} > ${fresh})`
}

/** The attempt's folder: the session may write there. */
function dirOf([file = '']: readonly string[], directory: string): string {
  return file.slice(directory.length + 1, file.lastIndexOf('/'))
}

/** How many rows each piece loses by the mode. */
async function lossCounts(
  connection: SqlConnection,
  database: SqlDatabase,
  pieces: readonly Piece[],
  context: SettleContext | undefined,
  match: Match | undefined,
): Promise<ReadonlyMap<number, number>> {
  if (context === undefined || pieces.length === 0) return new Map()
  const { mode, replace } = context.plan
  if (mode === 'replace' && replace === 'all') return new Map(pieces.map(({ id, rows }) => [id, rows]))
  if (match === undefined) return new Map()
  return countMatches(
    connection,
    database,
    matchCondition(database, match, await database.loadKeys(connection, match.keys)),
  )
}
