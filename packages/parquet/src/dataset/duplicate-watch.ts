import type { Finding } from '@tidegate/core'

import { finding } from '../finding-codes.ts'

export interface DuplicateWatch {
  /** PQ505 if a file that was seen before has the same bytes. */
  add(path: string, absolute: string, sizeBytes: number): Promise<Finding | undefined>
}

/** Files of one size: the first is hashed when a second one comes. */
interface SameSize {
  unhashed: { readonly path: string; readonly absolute: string } | undefined
  readonly byHash: Map<string, string>
}

/** Reads only files that have their size in common with another one. */
export function watchDuplicates(hash: (absolute: string) => Promise<string>): DuplicateWatch {
  const sizes = new Map<number, SameSize>()
  return {
    async add(path, absolute, sizeBytes) {
      if (sizeBytes === 0) return undefined
      const same = sizes.get(sizeBytes)
      if (same === undefined) {
        sizes.set(sizeBytes, { unhashed: { path, absolute }, byHash: new Map() })
        return undefined
      }
      if (same.unhashed !== undefined) {
        const first = same.unhashed
        same.unhashed = undefined
        // A file that has gone meanwhile is nobody's duplicate.
        const sha256 = await hash(first.absolute).catch(() => undefined)
        if (sha256 !== undefined) same.byHash.set(sha256, first.path)
      }
      const sha256 = await hash(absolute)
      const twin = same.byHash.get(sha256)
      if (twin !== undefined)
        return finding('PQ505', `It has the same bytes as ${twin}: whoever reads both gets the rows twice.`, {
          severity: 'warn',
          evidence: { sha256, sameAs: twin },
        })
      same.byHash.set(sha256, path)
      return undefined
    },
  }
}
