import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Session } from '@tidegate/core'

import type { SoundSpec } from '../sound-file.ts'
import { tableQuery, type TablePart } from './table-queries.ts'

/** The session must have one thread: row groups are written in the order in which they are done. */
export async function writeWithDuckDB(
  session: Session,
  folder: string,
  spec: SoundSpec,
  part: TablePart = 'first',
): Promise<Uint8Array> {
  const path = join(folder, 'written.parquet')
  const options = [
    'FORMAT parquet',
    'ROW_GROUP_SIZE 2048',
    `COMPRESSION ${spec.codec === 'none' ? 'uncompressed' : spec.codec}`,
    `PARQUET_VERSION V${spec.pages}`,
    ...(spec.dictionary ? [] : ['DICTIONARY_SIZE_LIMIT 1']),
  ]
  await session.query(
    `COPY (${tableQuery(spec.shape, part)}) TO ${session.dialect.literal(path)} (${options.join(', ')})`,
  )
  return new Uint8Array(readFileSync(path))
}
