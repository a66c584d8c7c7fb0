import type { ParquetFooter } from '../footer.ts'
import type { SoundFile } from './sound-file.ts'

/**
 * Which row group of the original each one of a repaired file is: the one with which it has most chunks byte for byte in
 * common; where it has none, as `stated` or the order says. Undefined: it is of another file.
 */
export function alignGroups(
  original: SoundFile,
  repaired: Uint8Array,
  { rowGroups }: ParquetFooter,
  stated: readonly (number | undefined)[],
): readonly (number | undefined)[] {
  const aligned: (number | undefined)[] = []
  for (const [index, group] of rowGroups.entries()) {
    let best: { readonly common: number; readonly group: number | undefined } = { common: 0, group: undefined }
    for (const [candidate, { chunks, rows }] of original.layout.rowGroups.entries()) {
      if (rows !== group.rows || aligned.includes(candidate)) continue
      const common = group.chunks.filter(({ start, end }, leaf) => {
        const range = chunks[leaf]?.range
        if (range === undefined || range[1] - range[0] !== end - start) return false
        return Buffer.compare(original.bytes.subarray(...range), repaired.subarray(start, end)) === 0
      }).length
      if (common > best.common) best = { common, group: candidate }
    }
    const likely =
      stated[index] ??
      original.layout.rowGroups.findIndex(
        ({ rows }, candidate) =>
          rows === group.rows && !aligned.slice(0, index).some((used) => (used ?? -1) >= candidate),
      )
    const fits = original.layout.rowGroups[likely]?.rows === group.rows && !aligned.includes(likely)
    aligned.push(best.group ?? (fits ? likely : undefined))
  }
  return aligned
}
