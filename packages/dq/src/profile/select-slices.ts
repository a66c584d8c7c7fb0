import { addTotals } from './column-totals.ts'
import type { ColumnProfile, Profile } from './profile-types.ts'

/**
 * The profile as it would look with only some of its slices (positions in `profile.slices`). Nothing is read.
 *
 * Exact for everything that is kept per slice. `distinct`, `quantiles`, `increasing` and `sampledRows` stay those of
 * the whole profile.
 */
export function selectSlices(profile: Profile, positions: readonly number[]): Profile {
  const slices = positions.flatMap((position) => profile.slices[position] ?? [])
  const files = new Set(slices.map((slice) => slice.file))
  return {
    ...profile,
    rows: slices.reduce((sum, slice) => sum + slice.rows, 0),
    slices,
    columns: profile.columns.map((column) => selectColumn(column, positions, files)),
  }
}

/** Positions of the slices that belong to the files with these keys. */
export function slicesOfFiles(profile: Profile, keys: ReadonlySet<string>): readonly number[] {
  return [...profile.slices.entries()]
    .filter(([, slice]) => keys.has(profile.files[slice.file]?.key ?? ''))
    .map(([position]) => position)
}

function selectColumn(column: ColumnProfile, positions: readonly number[], files: ReadonlySet<number>): ColumnProfile {
  const slices = positions.flatMap((position) => column.slices[position] ?? [])
  const answers = new Set(column.perFile.filter((_, file) => files.has(file)).map((facts) => facts.unique))
  const counts = new Map<number, number>()
  for (const slice of slices) {
    for (const [value, count] of slice.values ?? []) counts.set(value, (counts.get(value) ?? 0) + count)
  }
  return {
    ...column,
    ...addTotals(column.family, slices),
    unique: answers.has(false) ? false : answers.has(true) ? true : null,
    // Values that are gone keep their place (the slices refer to it), with a count of 0.
    values: column.values?.map(({ value }, position) => ({ value, count: counts.get(position) ?? 0 })) ?? null,
    slices,
  }
}
