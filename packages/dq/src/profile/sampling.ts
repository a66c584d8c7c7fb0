import { TidegateError, type Dialect, type Relation } from '@tidegate/core'
import type { ProfiledFile } from './profile-types.ts'

/**
 * A share of a relation's rows, the same ones every time, spread evenly over all files.
 *
 * The row's ordinal in the whole relation is multiplied by the golden ratio of a prime, modulo that prime (a Weyl
 * sequence): any threshold then takes rows at nearly equal distances, and periods in the data do not line up with it.
 * Only integer arithmetic, so every engine picks the same rows. With `wanted` ≥ rows the relation is returned whole.
 */
export function sampleSql(
  relation: Relation,
  dialect: Dialect,
  files: readonly ProfiledFile[],
  wanted: number,
  seed: number,
): string {
  const rows = files.reduce((sum, file) => sum + file.rows, 0)
  if (wanted >= rows) return `${relation.sql} AS t`
  const threshold = Math.max(1, Math.floor((PRIME * wanted) / rows))
  const ordinal = `t.${dialect.identifier(relation.rowColumn)}`
  const mix = (value: string): string => `((${value}) % ${PRIME}) * ${MULTIPLIER} % ${PRIME}`
  if (files.length === 1)
    return `(SELECT t.* FROM ${relation.sql} AS t WHERE ${mix(`${ordinal} + ${seed}`)} < ${threshold}) AS t`

  let start = 0
  const offsets = files.map((file) => {
    const item = `(${dialect.literal(file.key)}, ${start})`
    start += file.rows
    return item
  })
  const fileColumn = `t.${dialect.identifier(relation.fileColumn)}`
  return (
    `(SELECT t.* FROM ${relation.sql} AS t JOIN (VALUES ${offsets.join(', ')}) AS o(k, n) ON ${fileColumn} = o.k ` +
    `WHERE ${mix(`${ordinal} + o.n + ${seed}`)} < ${threshold}) AS t`
  )
}

/** Number (0–2) of the third of its file that a row belongs to; thirds interleave at no fixed beat. */
export function partSql(relation: Relation, dialect: Dialect): string {
  const mixed = `(t.${dialect.identifier(relation.rowColumn)} % ${PRIME}) * ${MULTIPLIER} % ${PRIME}`
  return `CASE WHEN ${mixed} < ${Math.floor(PRIME / 3)} THEN 0 WHEN ${mixed} < ${Math.floor((PRIME * 2) / 3)} THEN 1 ELSE 2 END`
}

/** A seed as an ordinal offset. */
export function checkSeed(seed: number): number {
  if (Number.isSafeInteger(seed) && seed >= 0 && seed < PRIME) return seed
  throw new TidegateError('PROFILE_SEED', `a seed is a whole number from 0 to ${PRIME - 1}, not ${seed}`, {
    hint: 'Leave the seed out to get 0.',
  })
}

const PRIME = 2_147_483_647
const MULTIPLIER = 1_327_217_885
