import { codeOf, messageOf, type Session } from '@tidegate/core'

import { describeParquet, escapeEngineGlob } from '../parquet-relation.ts'
import type { ReadBack } from './read-back.ts'

export interface OtherReading {
  readonly hasRead: boolean
  readonly mismatches: readonly string[]
  readonly notes: readonly string[]
}

/** Columns that are read in one statement. */
const COLUMNS_AT_ONCE = 50

/**
 * Reads every value with DuckDB: counts rows and, of flat columns, values that are not NULL, and compares with our reader.
 * What DuckDB cannot read because of a type or a text says nothing against the repair; it is noted.
 */
export async function verifyWithDuckDB(
  session: Session,
  path: string,
  own: ReadBack,
  signal?: AbortSignal,
): Promise<OtherReading> {
  const { footer } = own
  if (footer === undefined) return { hasRead: false, mismatches: [], notes: [] }
  const mismatches: string[] = []
  const notes: string[] = []
  let names: readonly string[]
  try {
    names = (await describeParquet(session, path, { signal })).map(({ name }) => name)
  } catch (error) {
    signal?.throwIfAborted()
    // Our reader has the same footer in order: what is left is a type that DuckDB does not have.
    const text = `DuckDB does not open the file: ${firstLine(error)}`
    return isBeyondDuckDB(error)
      ? { hasRead: false, mismatches, notes: [text] }
      : { hasRead: false, mismatches: [text], notes }
  }
  const from = `read_parquet([${session.dialect.literal(escapeEngineGlob(path))}], hive_partitioning=false)`
  const areSame = names.length === footer.columns.length
  const expected = names.map((name, index) =>
    areSame ? flatCount(own, footer.columns[index]?.name ?? name) : undefined,
  )
  const read = async (first: number, columns: readonly string[]): Promise<void> => {
    const sums = columns.map((name) => {
      const sql = session.dialect.identifier(name)
      return `, count(${sql}), bit_xor(hash(${sql}))`
    })
    try {
      const { rows } = await session.query(`SELECT count(*)${sums.join('')} FROM ${from}`, { signal })
      const [count, ...counts] = rows[0] ?? []
      if (Number(count) !== own.rows) mismatches.push(`DuckDB reads ${String(count)} rows; our reader ${own.rows}`)
      for (const [index, name] of columns.entries()) {
        const [found, wanted] = [Number(counts[index * 2]), expected[first + index]]
        if (wanted !== undefined && found !== wanted)
          mismatches.push(`DuckDB counts ${found} values in column ${name}; our reader ${wanted}`)
      }
    } catch (error) {
      signal?.throwIfAborted()
      if (columns.length > 1) {
        for (const [index, name] of columns.entries()) await read(first + index, [name])
        return
      }
      const text = `DuckDB does not read column ${columns[0] ?? ''}: ${firstLine(error)}`
      if (isBeyondDuckDB(error)) notes.push(text)
      else mismatches.push(text)
    }
  }
  for (let at = 0; at < names.length; at += COLUMNS_AT_ONCE) await read(at, names.slice(at, at + COLUMNS_AT_ONCE))
  return { hasRead: true, mismatches, notes }
}

/** Of a column that is stored as one leaf and not in a list; undefined for others. */
function flatCount({ footer, nonNull }: ReadBack, name: string): number | undefined {
  const leaves = (footer?.leaves ?? []).flatMap((leaf, index) => (leaf.path[0] === name ? [{ leaf, index }] : []))
  const [only] = leaves
  if (leaves.length !== 1 || only === undefined) return undefined
  const { path, maxRepetitionLevel } = only.leaf
  return path.length === 1 && maxRepetitionLevel === 0 ? nonNull[only.index] : undefined
}

const BEYOND = [
  /not implemented/i,
  /unsupported|not supported|unimplemented/i,
  /INTERNAL Error|database has been invalidated/,
  /invalid (string encoding|unicode|utf-?8)|not valid UTF-?8/i,
  /encrypt/i,
  /out of (the )?range/i,
]

function isBeyondDuckDB(error: unknown): boolean {
  return codeOf(error) === 'ENGINE_OUT_OF_MEMORY' || BEYOND.some((pattern) => pattern.test(messageOf(error)))
}

function firstLine(error: unknown): string {
  return messageOf(error).split('\n', 1)[0]?.slice(0, 300) ?? ''
}
