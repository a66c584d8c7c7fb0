import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { fsyncIfThere, isAbsent, namesIn, removeIfThere, withFolderErrors } from './durable.ts'
import { RETIRED } from './layout.ts'

export interface SweptRetired {
  readonly files: number
  readonly bytes: number
  /** Retired files that are too young to go. */
  readonly kept: number
}

const RETIRED_NAME = /^\d{20}-.+\.sealed$/

/**
 * Deletes parts that the log took away long enough ago. Nothing reads them any more, but who looks for a row that was there.
 * Age counts from when they were retired. Files of other names are left alone.
 *
 * @param directory the target folder
 * @param options.dryRun counts what would go, and deletes nothing
 */
export async function sweepRetired(
  directory: string,
  options: { readonly olderThanMs: number; readonly nowMs: number; readonly dryRun?: boolean | undefined },
): Promise<SweptRetired> {
  const folder = join(directory, RETIRED)
  return withFolderErrors('The rows of the target are untouched.', async () => {
    const swept = { files: 0, bytes: 0, kept: 0 }
    for (const name of await namesIn(folder)) {
      if (!RETIRED_NAME.test(name)) continue
      const file = await statOf(join(folder, name))
      if (file === undefined) continue
      // The rename into this folder set the time of the last change of the file's status.
      if (options.nowMs - file.ctimeMs < options.olderThanMs) {
        swept.kept += 1
        continue
      }
      if (options.dryRun !== true) await removeIfThere(join(folder, name))
      swept.files += 1
      swept.bytes += file.size
    }
    if (swept.files > 0) await fsyncIfThere(folder)
    return swept
  })
}

async function statOf(path: string): Promise<{ readonly size: number; readonly ctimeMs: number } | undefined> {
  try {
    const stat = await lstat(path)
    return stat.isFile() ? stat : undefined
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}
