import { link, lstat, rename } from 'node:fs/promises'

import { codeOf } from '@tidegate/core'

import { ignoreMissing, outExists } from './refuse-out.ts'
import { writeError } from './write-error.ts'

const WITHOUT_LINKS = new Set(['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EPERM'])

/**
 * Gives a finished temp file its name. A link fails if the name is taken, even by someone who was faster; a rename would
 * replace. @throws REPAIR_OUT_EXISTS
 */
export async function giveName(temp: string, path: string): Promise<void> {
  try {
    await link(temp, path)
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EEXIST') throw outExists(path)
    if (code === undefined || !WITHOUT_LINKS.has(code)) throw writeError(path, error)
    // A file system without hard links: somebody faster could be replaced here, which a link would have refused.
    if ((await lstat(path).catch(ignoreMissing)) !== undefined) throw outExists(path)
    await rename(temp, path)
  }
}
