/** Parquet files for tests of the doctor: what DuckDB writes, and ways to break it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { readFooter } from '@tidegate/parquet'
import { localStore } from '@tidegate/storage'
import { queryIn, type SmallProject } from './small-project.ts'

export const ROWS = 10_000
/** Rows of a group; the last of five has 1,808. */
export const GROUP_ROWS = 2048

/** Four columns, 10,000 rows from `first` on, five row groups, one page per chunk. */
export async function writeSound(project: SmallProject, name: string, first = 0): Promise<string> {
  const file = path.join(project.directory, name)
  mkdirSync(path.dirname(file), { recursive: true })
  await queryIn(
    project.directory,
    `COPY (SELECT i AS id, 'user' || i || '@x.org' AS email, i * 1.5 AS amount, date '2024-01-01' + (i % 300)::INT AS day
      FROM range(${first}, ${first + ROWS}) t(i)) TO '${file.replaceAll("'", "''")}' (FORMAT parquet, ROW_GROUP_SIZE ${GROUP_ROWS})`,
  )
  return file
}

/** The last two bytes are missing: everything comes back. */
export function cutTail(file: string): void {
  writeFileSync(file, readFileSync(file).subarray(0, -2))
}

/** Cut at 60 %: three of the five row groups or fewer are whole, and the footer is gone. */
export function cutAtSixty(file: string): void {
  const bytes = readFileSync(file)
  writeFileSync(file, bytes.subarray(0, Math.floor(bytes.length * 0.6)))
}

/** 64 bytes amid the page of column `email` in row group 2; snappy notices. */
export async function spoilPage(file: string): Promise<void> {
  const bytes = readFileSync(file)
  const source = await localStore().open(file)
  const outcome = await readFooter(source)
  await source.close()
  const chunk = outcome.kind === 'ok' ? outcome.footer.rowGroups[2]?.chunks[1] : undefined
  if (chunk === undefined) throw new Error(`${file} has no such chunk`)
  const middle = chunk.dataPageOffset + Math.floor(chunk.compressedBytes / 2)
  for (let index = middle; index < middle + 64; index++) bytes[index] = (bytes[index] ?? 0) ^ 0x5a
  writeFileSync(file, bytes)
}
