import { TidegateError, type FileRows, type LedgerPart, type PartRequest } from '@tidegate/core'

/** How many rows of each file version lie in a part, in order. */
export function rangesOf({ files, ranges, rows }: Pick<LedgerPart, 'files' | 'ranges' | 'rows'>): readonly FileRows[] {
  const [file] = files
  return ranges ?? (file === undefined ? [] : [{ file, rows }])
}

/** The fields of a part that say whose rows it has. Empty ranges are left out where others are not. */
export function namedRanges(ranges: readonly FileRows[]): Pick<LedgerPart, 'files' | 'ranges'> {
  const filled = ranges.filter(({ rows }) => rows > 0)
  const kept = filled.length > 0 ? filled : ranges.slice(0, 1)
  const files = [...new Set(kept.map(({ file }) => file))]
  return files.length === 1 ? { files } : { files, ranges: kept }
}

/** Rows by file version, added up, without zeros. */
export function sumRows(rows: Iterable<FileRows>): readonly FileRows[] {
  const sums = new Map<string, number>()
  for (const { file, rows: count } of rows) sums.set(file, (sums.get(file) ?? 0) + count)
  return Array.from(sums, ([file, count]) => ({ file, rows: count })).filter((item) => item.rows > 0)
}

/** @throws LEDGER_CONSERVATION if not as many rows were staged as the request said */
export function assertRows({ visible, files }: PartRequest, rows: number): void {
  const wanted = files.reduce((sum, file) => sum + file.rows, 0)
  if (rows === wanted) return
  throw new TidegateError('LEDGER_CONSERVATION', `${visible}: ${wanted} rows were to be staged, and ${rows} were.`, {
    dataNow: 'Nothing was committed.',
    hint: 'Please report this with the file.',
  })
}
