import { realpath } from 'node:fs/promises'
import { placesOverlap } from '@tidegate/config'
import type { SourceConfig } from '@tidegate/core'

export interface SharedFolder {
  /** Names of two sources that find the same files. */
  readonly sources: readonly [string, string]
  /** The folder of the second one, without links. */
  readonly folder: string
}

/**
 * Sources that reach the same files, because a link leads from one's folder to the other's. The configuration refuses it where
 * the paths say so; links are seen only where they are. Folders that are not there are passed over.
 */
export async function findSharedFolders(
  sources: readonly Pick<SourceConfig, 'name' | 'root' | 'pattern'>[],
): Promise<readonly SharedFolder[]> {
  const places: { readonly name: string; readonly root: string; readonly pattern: string }[] = []
  for (const { name, root, pattern } of sources) {
    const real = await realpath(root).catch(() => undefined)
    if (real !== undefined) places.push({ name, root: real, pattern })
  }
  return places.flatMap((one, index) =>
    places
      .slice(index + 1)
      .flatMap((other) =>
        placesOverlap(one, other) ? [{ sources: [one.name, other.name] as const, folder: other.root }] : [],
      ),
  )
}

export function sharedFolderWarning({ sources: [one, other], folder }: SharedFolder): string {
  return `sources ${one} and ${other} both find files of ${folder}, which a link leads to: each loads them`
}
