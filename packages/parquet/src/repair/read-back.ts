import type { ByteSource } from '@tidegate/core'

import type { ParquetFooter } from '../footer.ts'
import type { PageLimits } from '../pages/page-limits.ts'
import type { ChunkScan } from '../pages/scan-chunk.ts'
import { scanChunks } from '../pages/scan-chunks.ts'
import { readFooter } from '../read-footer.ts'

export interface ReadBack {
  readonly footer: ParquetFooter | undefined
  readonly rows: number
  /** By leaf, of all row groups: values that are not NULL; undefined where that was not counted. */
  readonly nonNull: readonly (number | undefined)[]
  /** By row group and leaf. */
  readonly nulls: readonly (readonly (number | undefined)[])[]
  /** Sentences: what a sound file would not have. */
  readonly faults: readonly string[]
}

export interface ReadBackOptions {
  readonly limits?: Partial<PageLimits> | undefined
  readonly signal?: AbortSignal | undefined
}

/** Reads a file with our own reader, every page decoded. */
export async function readBack(source: ByteSource, options: ReadBackOptions = {}): Promise<ReadBack> {
  const outcome = await readFooter(source)
  if (outcome.kind === 'bad')
    return {
      footer: undefined,
      rows: 0,
      nonNull: [],
      nulls: [],
      faults: outcome.findings.map(({ message }) => message),
    }
  const { footer } = outcome
  const faults = outcome.findings.filter(({ severity }) => severity !== 'info').map(({ message }) => message)
  const nonNull: (number | undefined)[] = footer.leaves.map(() => 0)
  const nulls: (number | undefined)[][] = footer.rowGroups.map(() => [])
  for await (const scan of scanChunks(source, footer, { level: 'pages', ...options })) {
    if (scan.status === 'damaged') faults.push(faultOf(scan))
    const counted = countNonNull(scan)
    const group = nulls[scan.rowGroup]
    if (group !== undefined) group[scan.column] = counted === undefined ? undefined : scan.values - counted
    const before = nonNull[scan.column]
    nonNull[scan.column] = before === undefined || counted === undefined ? undefined : before + counted
  }
  const rows = footer.rowGroups.reduce((sum, group) => sum + group.rows, 0)
  if (rows !== footer.rows) faults.push(`the footer counts ${footer.rows} rows, its row groups have ${rows}`)
  return { footer, rows, nonNull, nulls, faults }
}

function countNonNull(scan: ChunkScan): number | undefined {
  if (scan.status !== 'intact') return undefined
  let sum = 0
  for (const item of scan.items) {
    if (item.kind !== 'page' || (item.page.kind !== 'data-v1' && item.page.kind !== 'data-v2')) continue
    if (item.check.nonNull === undefined) return undefined
    sum += item.check.nonNull
  }
  return sum
}

function faultOf(scan: ChunkScan): string {
  const inPages = scan.items.flatMap((item) => (item.kind === 'page' ? item.check.findings : []))
  const first = [...scan.findings, ...inPages].find(({ severity }) => severity === 'error' || severity === 'fatal')
  const place = `column ${scan.path.join('.')} of row group ${scan.rowGroup}`
  return `${place}: ${first?.message ?? 'it is damaged'}`
}
