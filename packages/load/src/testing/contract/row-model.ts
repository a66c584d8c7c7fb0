/** What a target holds, as arrays and loops: knows nothing of parts, logs and engines. */
import type { WritePlan } from '@tidegate/core'
import type { Row } from './contract-batch.ts'

export interface ModelRow {
  readonly k: number | null
  readonly v: string | null
  readonly o: number | null
  readonly file: string
  readonly n: number
}

export interface ModelBatch {
  /** In the order in which they are staged. */
  readonly files: readonly (readonly [file: string, rows: readonly Row[]])[]
  readonly leaving: readonly string[]
  readonly plan: WritePlan
}

/** The live rows after this batch. */
export function applyBatch(live: readonly ModelRow[], { files, leaving, plan }: ModelBatch): readonly ModelRow[] {
  const brought = files.flatMap(([file, rows]) => rows.map(([k, v, o = null], n): ModelRow => ({ k, v, o, file, n })))
  const ordered = plan.dedup?.orderBy !== undefined
  const fresh = plan.mode === 'upsert' || plan.dedup !== undefined ? oneEach(brought, ordered) : [...brought]
  const others = live.filter((row) => !leaving.includes(row.file))
  if (plan.mode === 'append') return [...others, ...fresh]
  if (plan.mode === 'replace') {
    if (files.length === 0) return others
    if (plan.replace === 'all') return fresh
    return [...others.filter((row) => !fresh.some(({ v }) => v === row.v)), ...fresh]
  }
  const sameKey = (one: ModelRow, other: ModelRow): boolean => one.k !== null && one.k === other.k
  const beaten = (row: ModelRow): boolean => ordered && others.some((old) => sameKey(old, row) && higher(old.o, row.o))
  const kept = fresh.filter((row) => !beaten(row))
  return [...others.filter((old) => !kept.some((row) => sameKey(old, row))), ...kept]
}

/** Of the rows with one key the highest, of equally high ones the last. */
function oneEach(rows: readonly ModelRow[], ordered: boolean): readonly ModelRow[] {
  const best = new Map<number, ModelRow>()
  for (const row of rows) {
    if (row.k === null) continue
    const so = best.get(row.k)
    if (so === undefined || !ordered || !higher(so.o, row.o)) best.set(row.k, row)
  }
  return rows.filter((row) => row.k === null || best.get(row.k) === row)
}

function higher(one: number | null, other: number | null): boolean {
  return (one ?? -Infinity) > (other ?? -Infinity)
}

/** As `liveRows` of contract-batch.ts spells them. */
export function spellRows(rows: readonly ModelRow[]): readonly string[] {
  return rows.map(({ k, v, o, file, n }) => `${k ?? '-'} ${v ?? '-'} ${o ?? '-'} ${file} ${n}`).toSorted()
}
