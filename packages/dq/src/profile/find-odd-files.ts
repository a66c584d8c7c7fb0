import { isNumeric, isTemporal } from './column-family.ts'
import { FILES_TO_SPLIT_BY_FILE } from './scan-facts.ts'
import type { OddFile, Oddity } from './oddity.ts'
import { findOddRanges } from './odd-ranges.ts'
import { findOddRowCounts } from './odd-row-counts.ts'
import { findOddShares } from './odd-shares.ts'
import { findOddTexts } from './odd-texts.ts'
import type { ColumnProfile, Profile } from './profile-types.ts'
import { findSchemaDrift } from './schema-drift.ts'

/**
 * Names the files that alone would widen a contract: left out, the range, the set of values, the share of nulls or the
 * kind of text of all the others is materially narrower. Also files whose columns differ from the majority's, and
 * files with far fewer or more rows. Needs five files; with fewer there is no majority. Pure, in file order.
 *
 * What moves from file to file by nature (event times, running numbers) is not odd, nor are heavy tails.
 */
export function findOddFiles(profile: Profile): readonly OddFile[] {
  if (profile.files.length < FILES_TO_SPLIT_BY_FILE) return []
  const drifted = findSchemaDrift(profile.files)
  const strange = new Set(drifted.map((odd) => JSON.stringify([odd.key, odd.column])))
  const found: OddFile[] = [...drifted]

  const byFile = profile.slices.filter((slice) => slice.part === 0)
  found.push(...name(findOddRowCounts(byFile.map((slice) => slice.rows)), undefined))
  for (const column of profile.columns) {
    const oddities = oddInColumn(column, profile)
    // A column that a file does not have is null there; said once is enough.
    found.push(...name(oddities, column.name).filter((odd) => !strange.has(JSON.stringify([odd.key, odd.column]))))
  }
  const order = new Map(profile.files.map((file, position) => [file.key, position]))
  return found.sort((a, b) => (order.get(a.key) ?? 0) - (order.get(b.key) ?? 0))

  function name(oddities: readonly Oddity[], column: string | undefined): readonly OddFile[] {
    return oddities.flatMap(({ at, what, check }) => {
      const file = profile.files[byFile[at]?.file ?? -1]
      return file === undefined ? [] : [{ key: file.key, file: file.path, column, what, check }]
    })
  }
}

function oddInColumn(column: ColumnProfile, profile: Profile): readonly Oddity[] {
  const positions = [...profile.slices.entries()].filter(([, slice]) => slice.part === 0).map(([position]) => position)
  const slices = positions.flatMap((position) => column.slices[position] ?? [])
  const perFile = positions.flatMap((position) => column.perFile[profile.slices[position]?.file ?? -1] ?? [])
  return [
    ...findOddShares(slices),
    ...(isNumeric(column.family) || isTemporal(column.family) ? findOddRanges(column, slices) : []),
    ...(column.family === 'text' ? findOddTexts(column, slices, perFile) : []),
  ]
}
