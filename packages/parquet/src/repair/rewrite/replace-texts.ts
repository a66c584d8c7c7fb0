import type { Session } from '@tidegate/core'

import { isBadText } from './column-sql.ts'

/** Different bad texts of one column, and bytes of all of them; above this a column is better kept as binary. */
const MAX_TEXTS = 10_000
const MAX_BYTES = 16 * 1024 * 1024

/**
 * Sets a variable of the session to a map from each text of the column that is not UTF-8 (as it is stored) to the same with
 * U+FFFD for each sequence of bytes that is none (WHATWG Encoding). DuckDB's own replacement swallows bytes that are sound.
 */
export async function setReplacements(session: Session, from: string, name: string, variable: string): Promise<void> {
  const { rows } = await session.query(
    `SELECT DISTINCT hex(${name}) FROM ${from} WHERE ${isBadText(name)} ORDER BY 1 LIMIT ${MAX_TEXTS + 1}`,
  )
  const bad = rows.map(([hex]) => String(hex))
  const bytes = bad.reduce((sum, hex) => sum + hex.length / 2, 0)
  if (bad.length > MAX_TEXTS || bytes > MAX_BYTES)
    throw new RangeError(`column ${name} has too many texts that are not UTF-8; keep them as binary (utf8-as-binary)`)
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const entries = bad.map((hex) => {
    const text = Buffer.from(decoder.decode(Buffer.from(hex, 'hex')), 'utf8')
    return `unhex('${hex}'): decode(unhex('${text.toString('hex')}'))`
  })
  await session.query(
    `SET VARIABLE ${variable} = ${entries.length === 0 ? 'map([]::BLOB[], []::VARCHAR[])' : `MAP {${entries.join(', ')}}`}`,
  )
}
