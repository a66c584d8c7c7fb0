import { messageOf, type Finding, type Session } from '@tidegate/core'
import { fsyncFile, localStore } from '@tidegate/storage'

import { finding } from '../../finding-codes.ts'
import type { ParquetFooter } from '../../footer.ts'
import { describeParquet } from '../../parquet-relation.ts'
import { readFooter } from '../../read-footer.ts'
import { openSource } from '../../source/open-source.ts'
import type { LossEntry, RepairPlan, RepairStep, RewritePlan } from '../plan.ts'
import { verifyRepair } from '../verify-repair.ts'
import { verifyFailed, type WriteOptions, type WrittenRepair } from '../written-repair.ts'
import { readTree, showAsRaw } from './as-raw.ts'
import { changedSql, lostSql, type FixedColumn } from './column-sql.ts'
import { setReplacements } from './replace-texts.ts'
import { mapGroups, mapLoss, placeRange, type RowMap } from './map-loss.ts'
import { readFrom, statements, type Statements } from './rewrite-sql.ts'
import { topColumns, type TopColumn } from './top-columns.ts'

type RewriteOptions = WriteOptions & { readonly session: Session }

/** Cells that a rewriting may turn into NULL: each has a place in the loss list. */
const MAX_LOST_CELLS = 1_000_000

/** Encodes the rows of a patched temp file anew, through DuckDB, and compares every cell that was not to change. */
export async function rewriteFile(
  patched: string,
  plan: RepairPlan,
  rewrite: RewritePlan,
  options: RewriteOptions,
): Promise<WrittenRepair> {
  const { session, temps, limits, signal } = options
  const before = await verifyRepair(patched, plan.rowGroups, { session: undefined, limits, signal })
  if (!before.ok) return { kind: 'refused', finding: verifyFailed(before), verification: before }
  const out = temps.next()
  try {
    const old = await footerOf(patched)
    const fixed = await prepare(patched, rewrite, session)
    const columns = await describeParquet(session, patched, { signal })
    const sql = statements(session, { patched, out, columns: columns.map(({ name }) => name), fixed, rewrite, old })
    const { lost, changed } = await findChanges(session, sql, fixed, signal)
    await session.query(sql.copy, { signal })
    await fsyncFile(out)
    const wrong = await compare(session, sql, columns.length, signal)
    if (wrong !== undefined) return failed(`after the rewriting ${wrong}`)
    const verification = await verifyRepair(out, undefined, { session, limits, signal })
    if (!verification.ok) return { kind: 'refused', finding: verifyFailed(verification), verification }
    const now = await footerOf(out)
    const map: RowMap = {
      before: old.rowGroups.map(({ rows }) => rows),
      after: now.rowGroups.map(({ rows }) => rows),
      dropRows: rewrite.dropRows,
    }
    const loss = [...mapLoss(map, plan.loss), ...lost.flatMap((cells) => lossOf(cells, map))]
    return {
      kind: 'written',
      temp: out,
      sizeBytes: now.footerOffset + now.footerBytes + 8,
      sha256: await localStore().hash(out, signal),
      plan: {
        ...plan,
        loss,
        steps: [...plan.steps, ...changed],
        lossless: plan.lossless && loss.length === 0 && changed.every(({ lossless }) => lossless),
        rowGroups: mapGroups(map, plan.rowGroups, loss),
        totals: { ...plan.totals, cellsNulled: loss.reduce((sum, { cells }) => sum + cells, 0) },
      },
      verification,
    }
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof RangeError || isEngineError(error)) return failed(messageOf(error).split('\n', 1)[0] ?? '')
    throw error
  }
}

function isEngineError(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
  return code === 'ENGINE_SQL' || code === 'ENGINE_OUT_OF_MEMORY' || code === 'ENGINE_CRASHED'
}

function failed(why: string): WrittenRepair {
  return { kind: 'refused', finding: rewriteFailed(why), verification: undefined }
}

function rewriteFailed(why: string): Finding {
  return finding('PQ606', `The rows could not be encoded anew: ${why}.`.replace(/\.\.$/, '.'), { severity: 'fatal' })
}

async function footerOf(path: string): Promise<ParquetFooter> {
  const source = await openSource({ path })
  try {
    const outcome = await readFooter(source)
    if (outcome.kind === 'bad') throw new RangeError('the file has no footer')
    return outcome.footer
  } finally {
    await source.close()
  }
}

/** Shows the columns that are to be changed as they are stored, so that no reader stumbles over them. */
async function prepare(patched: string, { fixes }: RewritePlan, session: Session): Promise<readonly FixedColumn[]> {
  if (fixes.length === 0) return []
  const { tree } = await readTree(patched)
  const types = new Map((await describeParquet(session, patched)).map(({ name, type }) => [name, type]))
  const fixed = topColumns(tree).flatMap((column): FixedColumn[] => {
    const fix = fixes.find((one) => isFor(one, column))
    return fix === undefined ? [] : [{ column, fix, type: types.get(column.name) ?? 'TIMESTAMP' }]
  })
  await showAsRaw(
    patched,
    fixed.map(({ column }) => column),
  )
  const ready: FixedColumn[] = []
  for (const [index, one] of fixed.entries()) {
    const variable = `tidegate_texts_${index}`
    if (one.fix === 'utf8-replace')
      await setReplacements(session, readFrom(session, patched), session.dialect.identifier(one.column.name), variable)
    ready.push({ ...one, variable })
  }
  return ready
}

function isFor(fix: RewritePlan['fixes'][number], { kind }: TopColumn): boolean {
  if (fix === 'utf8-replace') return kind === 'text'
  return fix === 'int96' ? kind === 'int96' : kind === 'timestamp' || kind === 'date'
}

interface LostCells {
  readonly fixed: FixedColumn
  /** Rows of the patched file, ascending. */
  readonly rows: readonly number[]
}

async function findChanges(
  session: Session,
  { rowNumbers, kept }: Statements,
  fixed: readonly FixedColumn[],
  signal: AbortSignal | undefined,
): Promise<{ readonly lost: readonly LostCells[]; readonly changed: readonly RepairStep[] }> {
  const lost: LostCells[] = []
  const changed: RepairStep[] = []
  let cells = 0
  for (const one of fixed) {
    const name = session.dialect.identifier(one.column.name)
    const { rows } = await session.query(
      `SELECT file_row_number FROM ${rowNumbers} WHERE ${kept} AND ${lostSql(one, name)} ORDER BY 1 LIMIT ${MAX_LOST_CELLS + 1}`,
      { signal },
    )
    cells += rows.length
    if (cells > MAX_LOST_CELLS) throw new RangeError(`more than ${MAX_LOST_CELLS} cells would become NULL`)
    if (rows.length > 0) lost.push({ fixed: one, rows: rows.map(([row]) => Number(row)) })
    const counted = await session.query(
      `SELECT count(*) FROM ${rowNumbers} WHERE ${kept} AND ${changedSql(one, name)}`,
      { signal },
    )
    const count = Number(counted.rows[0]?.[0] ?? 0)
    if (count > 0)
      changed.push({
        code: one.fix === 'int96' ? 'PQ402' : 'PQ401',
        what:
          one.fix === 'int96'
            ? `${count} values of column ${one.column.name} lose what they have below a microsecond`
            : `${count} values of column ${one.column.name} got U+FFFD in place of bytes that are not UTF-8`,
        lossless: false,
      })
  }
  return { lost, changed }
}

function lossOf({ fixed, rows }: LostCells, map: RowMap): readonly LossEntry[] {
  const { column, fix } = fixed
  return runs(rows).flatMap((run) =>
    placeRange(map, run).map((place): LossEntry => ({
      code: fix === 'int96' ? 'PQ402' : 'PQ403',
      message:
        fix === 'int96'
          ? 'The INT96 timestamp does not fit into microseconds.'
          : 'The timestamp is outside of the years 1 to 9999.',
      ...place,
      sourceRowGroup: undefined,
      column: column.name,
      bytes: undefined,
      wrote: 'null',
      cells: place.rows[1] - place.rows[0],
    })),
  )
}

function runs(rows: readonly number[]): readonly (readonly [number, number])[] {
  const found: [number, number][] = []
  for (const row of rows) {
    const last = found.at(-1)
    if (last?.[1] === row) last[1] = row + 1
    else found.push([row, row + 1])
  }
  return found
}

/** Undefined: row by row, each cell is what it should be. */
async function compare(
  session: Session,
  { wanted, written, names }: Statements,
  columns: number,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const inner = (letter: string): string => names.map((name, index) => `${name} AS ${letter}${index}`).join(', ')
  const counts = Array.from({ length: columns }, (_, index) => `count(*) FILTER (w${index} IS DISTINCT FROM f${index})`)
  const { rows } = await session.query(
    `SELECT ${['count(wx)', 'count(fx)', ...counts].join(', ')} FROM
      (SELECT true AS wx, ${inner('w')} FROM (${wanted})) POSITIONAL JOIN (SELECT true AS fx, ${inner('f')} FROM ${written})`,
    { signal },
  )
  const [left, right, ...different] = (rows[0] ?? []).map(Number)
  if (left !== right) return `there are ${right} rows instead of ${left}`
  const index = different.findIndex((count) => count > 0)
  return index < 0 ? undefined : `${different[index]} cells of column ${names[index]} differ`
}
