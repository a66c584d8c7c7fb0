import { constants } from 'node:fs'
import { access, lstat, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

import { codeOf, TidegateError } from '@tidegate/core'

import { writeError } from './write-error.ts'

/**
 * Where the result goes, with the links of its folder resolved. Looks before anything is read or written.
 *
 * @throws SOURCE_NOT_A_FILE, SOURCE_GONE, REPAIR_OUT_IS_SOURCE, REPAIR_OUT_EXISTS, REPAIR_OUT_FOLDER, WRITE_DENIED
 */
export async function refuseOut(sourcePath: string, outPath: string): Promise<string> {
  const source = await stat(sourcePath).catch(ignoreMissing)
  if (source === undefined)
    throw new TidegateError('SOURCE_GONE', `${sourcePath} is not there`, {
      hint: 'Check the path.',
      dataNow: 'Nothing was written.',
    })
  if (!source.isFile())
    throw new TidegateError('SOURCE_NOT_A_FILE', `${sourcePath} is not a regular file`, {
      hint: 'Folders, pipes, devices and sockets cannot be repaired.',
      dataNow: 'Nothing was written.',
    })
  const out = await stat(outPath).catch(ignoreMissing)
  if (out !== undefined && out.dev === source.dev && out.ino === source.ino)
    throw new TidegateError('REPAIR_OUT_IS_SOURCE', `${outPath} is the file to be repaired`, {
      hint: 'Name another file; a repair never changes its source.',
      dataNow: 'Nothing was written.',
    })
  // A link that leads nowhere is in the way as well.
  if (out !== undefined || (await lstat(outPath).catch(ignoreMissing)) !== undefined) throw outExists(outPath)
  const folder = dirname(outPath)
  const isFolder = (await stat(folder).catch(ignoreMissing))?.isDirectory() === true
  if (!isFolder)
    throw new TidegateError('REPAIR_OUT_FOLDER', `${folder} is not a folder`, {
      hint: 'Make the folder first, or name another.',
      dataNow: 'Nothing was written.',
    })
  await access(folder, constants.W_OK | constants.X_OK).catch((error: unknown) => {
    throw writeError(folder, error)
  })
  return join(await realpath(folder), basename(outPath))
}

export function outExists(outPath: string): TidegateError {
  return new TidegateError('REPAIR_OUT_EXISTS', `${outPath} exists already`, {
    hint: 'Name another file or move that one away; a repair never replaces a file.',
    dataNow: 'Nothing was written.',
  })
}

export function ignoreMissing(error: unknown): undefined {
  const code = codeOf(error)
  if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
  throw error
}
