import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Doctor, RepairSummary } from '@tidegate/parquet'

/** What a repair would do with a copy of the file in a folder of its own, in a few words; the file is only read. */
export async function planAlone(doctor: Doctor, file: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tidegate-corpus-'))
  try {
    const copy = path.join(folder, path.basename(file))
    await copyFile(file, copy)
    return wordsOf(await doctor.plan(copy))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function wordsOf({ kind, lossless, totals }: RepairSummary): string {
  if (kind === 'unchanged') return ''
  if (kind === 'refused') return 'refused'
  const { rowsRecovered, rowsLost, cellsNulled } = totals
  const rows = `${rowsRecovered} ${rowsRecovered === 1 ? 'row' : 'rows'}`
  if (lossless) return `${rows}, lossless`
  const lost = [
    ...(cellsNulled > 0 ? [`${cellsNulled} ${cellsNulled === 1 ? 'cell' : 'cells'} NULL`] : []),
    ...(rowsLost === 0 ? [] : [`${rowsLost} rows lost`]),
  ]
  return [rows, ...(lost.length === 0 ? ['without a type'] : lost)].join(', ')
}
