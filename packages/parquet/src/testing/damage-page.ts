import type { Layout, PageMap } from './layout.ts'

/** The data pages of a leaf in one row group. */
export function dataPagesOf({ leaves, rowGroups }: Layout, path: string, rowGroup = 0): readonly PageMap[] {
  const leaf = leaves.findIndex((each) => each.path.join('.') === path)
  return (rowGroups[rowGroup]?.chunks[leaf]?.pages ?? []).filter(({ kind }) => kind !== 'dictionary')
}

/** A copy of a file in which the headers of these pages are no headers any more. */
export function withoutHeaders(bytes: Uint8Array, pages: readonly (PageMap | undefined)[]): Uint8Array {
  const copy = bytes.slice()
  for (const page of pages) {
    if (page === undefined) throw new Error('there is no such page')
    copy.fill(0xff, page.header[0], page.header[1])
  }
  return copy
}
