import { join } from 'node:path'
import { TidegateError, type FileRows, type LedgerPart } from '@tidegate/core'
import { partRows } from './part-rows.ts'
import { namedRanges, rangesOf } from '../part-ranges.ts'
import type { GoneRows, SettleContext } from './settle-context.ts'

/** What became of one part. */
export interface Rewritten {
  readonly part: LedgerPart
  /** The file that has its other rows; undefined where none were left. Same names as before, `visible` as well. */
  readonly kept: LedgerPart | undefined
  readonly gone: readonly FileRows[]
}

/**
 * Writes parts anew without some of their rows; the others keep their order. Parts that lose nothing are left out of the
 * answer.
 *
 * @param pathOf where the rows of a part lie, relative to the target
 */
export async function rewriteParts(
  context: SettleContext,
  parts: readonly LedgerPart[],
  pathOf: (part: LedgerPart) => string,
  gone: GoneRows,
): Promise<readonly Rewritten[]> {
  const counts = await countGone(context, parts, gone)
  const rewritten: Rewritten[] = []
  for (const [at, lost] of counts) {
    const part = parts[at]
    if (part === undefined) continue
    const ranges = rangesOf(part)
    const left = ranges.map(({ file, rows }, index) => ({ file, rows: rows - (lost.get(index) ?? 0) }))
    const away = ranges.map(({ file }, index) => ({ file, rows: lost.get(index) ?? 0 })).filter(({ rows }) => rows > 0)
    const rows = left.reduce((sum, range) => sum + range.rows, 0)
    const kept = rows === 0 ? undefined : await keep(context, pathOf(part), at, gone)
    if (kept !== undefined && kept.rows !== rows) throw miscounted(part, rows, kept.rows)
    const { ranges: _, ...same } = part
    const written = kept === undefined ? undefined : { ...same, ...kept, ...namedRanges(left) }
    rewritten.push({ part, kept: written, gone: away })
  }
  return rewritten
}

async function keep(
  context: SettleContext,
  path: string,
  at: number,
  gone: GoneRows,
): ReturnType<SettleContext['copy']> {
  const { session, directory, query } = context
  const { sql, columns, row } = await partRows(session, [join(directory, path)], query)
  const names = columns.map(({ name }) => session.dialect.identifier(name)).join(', ')
  const lost = `SELECT "row" FROM ${gone.sql} WHERE "part" = ${at}`
  // A join may answer in any order: the order of rows is what the ranges of the part stand on.
  return context.copy(`SELECT ${names} FROM ${sql} WHERE ${row} NOT IN (${lost}) ORDER BY ${row}`)
}

/** Part → index of its range → rows that leave. */
async function countGone(
  { session, query }: SettleContext,
  parts: readonly LedgerPart[],
  gone: GoneRows,
): Promise<ReadonlyMap<number, ReadonlyMap<number, number>>> {
  const counts = new Map<number, Map<number, number>>()
  const hit = await session.query(`SELECT "part", count(*) FROM ${gone.sql} GROUP BY "part" ORDER BY "part"`, query)
  for (const [at, rows] of hit.rows) counts.set(Number(at), new Map([[0, Number(rows)]]))
  const shared = [...counts.keys()].filter((at) => (parts[at]?.ranges?.length ?? 1) > 1)
  if (shared.length === 0) return counts
  const starts = shared.flatMap((at) => startsOf(parts[at]).map(([index, from]) => `(${at}, ${from}, ${index})`))
  const ranges = `(VALUES ${starts.join(', ')}) AS starts("part", "start", "place")`
  const sql = `SELECT g."part", starts."place", count(*) FROM ${gone.sql} AS g ASOF JOIN ${ranges}
    ON g."part" = starts."part" AND g."row" >= starts."start" GROUP BY ALL`
  for (const at of shared) counts.set(at, new Map())
  for (const [at, place, rows] of (await session.query(sql, query)).rows)
    counts.get(Number(at))?.set(Number(place), Number(rows))
  return counts
}

/** Index and first row of each range that has rows. */
function startsOf(part: LedgerPart | undefined): readonly (readonly [number, number])[] {
  const starts: [number, number][] = []
  let from = 0
  for (const [index, { rows }] of (part === undefined ? [] : rangesOf(part)).entries()) {
    if (rows > 0) starts.push([index, from])
    from += rows
  }
  return starts
}

function miscounted({ visible }: LedgerPart, wanted: number, found: number): TidegateError {
  return new TidegateError('LEDGER_CONSERVATION', `${visible} was to keep ${wanted} rows, and ${found} were written.`, {
    hint: 'The part may not be the one that was committed; check the files of the target, and report this.',
    dataNow: 'Nothing was committed.',
  })
}
