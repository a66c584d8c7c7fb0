/**
 * Everything of a commit that happens inside its transaction, between the log's own test and COMMIT.
 *
 *   (1) Rows leave before rows come: by part where a whole one goes, else by what is in them.
 *   (2) Each step is counted and compared with what the entry will say; a difference rolls everything back.
 *   (3) The entry comes last. Its keys (table and number, table and batch) are a second lock.
 */
import { stringifyJson, TidegateError, type EntryDraft, type LedgerEntry } from '@tidegate/core'
import type { LogState } from '../log-state.ts'
import type { Mark } from '../mark.ts'
import { LEDGER, PART, PART_COLUMN } from './ledger-tables.ts'
import { countMatches, matchCondition, ofPieces, readPieces } from './pieces.ts'
import { foreign, planTable, qualified } from './plan-table.ts'
import { narrowed } from './table-errors.ts'
import type { KeptPiece, Piece, SettledBatch } from './settled-batch.ts'
import type { SqlConnection, SqlDatabase } from './sql-database.ts'

export async function commitRows(
  connection: SqlConnection,
  database: SqlDatabase,
  state: LogState,
  draft: EntryDraft,
  settled: SettledBatch,
  mark: Mark,
): Promise<LedgerEntry> {
  const entry = entryOf(draft, state.lastSeq + 1)
  const loads = settled.rows.length > 0
  if (loads) await alignTable(connection, database, state, draft)
  await takeAway(connection, database, draft, settled)
  await bringIn(connection, database, settled)
  for (const rejected of settled.rejected) {
    await database.insertRejected(connection, rejected, entry.batch, entry.seq)
  }
  mark('rows-copied', { batch: entry.batch })
  const values = [database.tableKey, entry.batch, stringifyJson(entry)].map((text) => database.literal(text))
  const [key, batch, text] = values
  await connection.run(
    `INSERT INTO ${LEDGER} (table_name, seq, batch, entry) VALUES (${key}, ${entry.seq}, ${batch}, ${text})`,
  )
  mark('entry-inserted', { batch: entry.batch })
  return entry
}

/** Changes of the table come first: DuckDB does not change a table that the same transaction wrote to. */
async function alignTable(
  connection: SqlConnection,
  database: SqlDatabase,
  state: LogState,
  draft: EntryDraft,
): Promise<void> {
  const known = state.parts.size > 0 || state.gone.size > 0
  const shape = await database.shape(connection)
  if (shape === undefined && state.parts.size > 0)
    throw foreign(`${database.table.name} is gone, and the ledger lists rows in it`)
  const before = known ? (state.schema?.columns ?? []) : undefined
  const { statements, adopts, changes } = planTable(
    shape,
    draft.schema.columns,
    shape === undefined ? undefined : before,
    database,
  )
  if (adopts && (await connection.rows(`SELECT 1 FROM ${qualified(database)} LIMIT 1`)).length > 0) {
    throw foreign(`${database.table.schema}.${database.table.name} has rows that are not ours`)
  }
  // A batch that was planned before another one widened a column must not make it narrow again.
  for (const change of changes) {
    const found = await connection.rows(`SELECT 1 FROM ${qualified(database)} AS t WHERE ${change.condition} LIMIT 1`)
    if (found.length > 0) throw narrowed(change)
  }
  for (const statement of statements) await connection.run(statement)
}

async function takeAway(
  connection: SqlConnection,
  database: SqlDatabase,
  draft: EntryDraft,
  { kept, match }: SettledBatch,
): Promise<void> {
  const pieces = await readPieces(connection, database, new Set(draft.remove))
  const whole = pieces.filter(({ id }) => !kept.has(id))
  if (whole.length > 0) {
    const table = qualified(database)
    const rows = await connection.change(
      `DELETE FROM ${table} AS t WHERE ${ofPieces(
        database,
        whole.map(({ id }) => id),
      )}`,
    )
    const wanted = sum(whole.map((piece) => piece.rows))
    if (rows !== wanted) throw changed(`${wanted} rows were to be taken away, and ${rows} are there`)
    await connection.run(
      `DELETE FROM ${PART} AS p WHERE p.table_name = ${database.literal(database.tableKey)} AND ${idsIn(whole)}`,
    )
  }
  await takeMatches(connection, database, pieces, kept, match)
  await relabel(connection, database, kept)
}

async function takeMatches(
  connection: SqlConnection,
  database: SqlDatabase,
  pieces: readonly Piece[],
  kept: ReadonlyMap<number, KeptPiece>,
  match: SettledBatch['match'],
): Promise<void> {
  if (match === undefined) return
  const wanted = new Map<number, number>()
  for (const { id, rows } of pieces) {
    const left = kept.get(id)
    if (left !== undefined && left.rows < rows) wanted.set(id, rows - left.rows)
  }
  if (wanted.size === 0) return
  const condition = matchCondition(database, match, await database.loadKeys(connection, match.keys))
  const found = await countMatches(connection, database, condition)
  for (const id of new Set([...wanted.keys(), ...found.keys()])) {
    const [expected, there] = [wanted.get(id) ?? 0, found.get(id) ?? 0]
    if (expected !== there)
      throw changed(`${expected} rows of part ${id} were to be taken away, and ${there} are there`)
  }
  const rows = await connection.change(`DELETE FROM ${qualified(database)} AS t WHERE ${condition}`)
  const all = sum([...wanted.values()])
  if (rows !== all) throw changed(`${all} rows were to be taken away, and ${rows} went`)
}

async function relabel(
  connection: SqlConnection,
  database: SqlDatabase,
  kept: ReadonlyMap<number, KeptPiece>,
): Promise<void> {
  const key = database.literal(database.tableKey)
  for (const some of chunks([...kept], 1000)) {
    const values = some.map(([id, { visible, rows }]) => `(${id}, ${database.literal(visible)}, ${rows})`).join(', ')
    const changes = await connection.change(
      `UPDATE ${PART} SET visible = v.visible, rows = v.rows FROM (VALUES ${values}) AS v (id, visible, rows) ` +
        `WHERE ${PART}.table_name = ${key} AND ${PART}.id = v.id`,
    )
    if (changes !== some.length) throw changed(`${some.length - changes} parts are gone`)
  }
}

async function bringIn(connection: SqlConnection, database: SqlDatabase, { rows }: SettledBatch): Promise<void> {
  const key = database.literal(database.tableKey)
  let next =
    Number((await connection.rows(`SELECT coalesce(max(id), 0) FROM ${PART} WHERE table_name = ${key}`))[0]?.[0]) + 1
  const values: string[] = []
  for (const staged of rows) {
    const ids = staged.ids ?? staged.pieces.map(() => next++)
    const count = await database.insertRows(connection, staged, ids)
    if (count !== staged.part.rows) {
      throw new TidegateError(
        'LEDGER_CONSERVATION',
        `${staged.part.visible}: ${count} of ${staged.part.rows} rows came.`,
        {
          dataNow: 'Nothing was committed.',
          hint: 'Run again; if it stays, report it with the run id.',
        },
      )
    }
    for (const [at, piece] of staged.pieces.entries()) {
      values.push(
        `(${key}, ${ids[at]}, ${database.literal(staged.part.visible)}, ${database.literal(piece.file)}, ${piece.rows})`,
      )
    }
  }
  for (const some of chunks(values, 1000)) {
    await connection.run(`INSERT INTO ${PART} (table_name, id, visible, file, rows) VALUES ${some.join(', ')}`)
  }
}

function entryOf(draft: EntryDraft, seq: number): LedgerEntry {
  const { files, add, remove, rejected, consumes, superseded, replays, mode, schema, watermark } = draft
  const rest = { files, add, remove, rejected, consumes, superseded, replays, mode, schema, watermark }
  return { format: 1, seq, ...draft.batch, fence: draft.fence, committedAt: draft.committedAt, ...rest }
}

function idsIn(pieces: readonly Piece[]): string {
  return `p.id IN (${pieces.map(({ id }) => id).join(', ')})`
}

function changed(because: string): TidegateError {
  return new TidegateError('TARGET_ROWS_CHANGED', `Rows of the target are not as the ledger says: ${because}.`, {
    hint: `Somebody changed or deleted rows that Tidegate loaded (${PART_COLUMN} is not NULL). Undo it, or load the files again with --force.`,
    dataNow: 'Nothing was committed, and the table is as it was.',
  })
}

function* chunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
