import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { link, lstat, open, realpath, rename, stat, unlink, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

import { codeOf, TidegateError } from '@tidegate/core'

import type { SalvagePlan } from './salvage.ts'

export interface WrittenFile {
  readonly sizeBytes: number
  /** Bytes at the start that are those of the source. */
  readonly prefixBytes: number
}

export interface WriteOptions {
  /** Looks at the finished file before it gets its name; what it throws leaves no file. */
  readonly verify?: (tempPath: string) => Promise<void>
  readonly signal?: AbortSignal
}

const BLOCK_BYTES = 1024 * 1024
const MAGIC = Buffer.from('PAR1')
const WITHOUT_LINKS = new Set(['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EPERM'])

/**
 * Writes what a plan says: the kept prefix of the source, then the new end. The source is opened for reading only. The
 * file is complete and on disk before it gets its name. Throws `REPAIR_REFUSED` for a plan that refuses,
 * `REPAIR_OUT_IS_SOURCE`, `REPAIR_OUT_EXISTS`, `REPAIR_SOURCE_CHANGED`, or Node's error; nothing is left behind.
 */
export async function writeSalvaged(
  sourcePath: string,
  plan: Pick<SalvagePlan, 'kind' | 'prefixBytes' | 'appended'>,
  outPath: string,
  options: WriteOptions = {},
): Promise<WrittenFile> {
  if (plan.kind === 'refused')
    throw new TidegateError('REPAIR_REFUSED', 'the plan refuses to write a file', {
      hint: 'Read its findings; a better schema source (a sibling of the same table) may help.',
      dataNow: 'Nothing was written.',
    })
  await refuseOut(sourcePath, outPath)
  const folder = await realpath(dirname(outPath))
  const temp = join(folder, `.tmp-${process.pid}-${randomBytes(6).toString('hex')}`)
  try {
    const sizeBytes = await writeTemp(sourcePath, plan, temp, options.signal)
    await options.verify?.(temp)
    await giveName(temp, join(folder, basename(outPath)))
    await fsyncFolder(folder)
    return { sizeBytes, prefixBytes: plan.prefixBytes }
  } finally {
    await unlink(temp).catch(() => undefined)
  }
}

async function refuseOut(sourcePath: string, outPath: string): Promise<void> {
  const source = await stat(sourcePath)
  if (!source.isFile())
    throw new TidegateError('SOURCE_NOT_A_FILE', `${sourcePath} is not a regular file`, {
      hint: 'Only regular files can be repaired.',
      dataNow: 'Nothing was written.',
    })
  const out = await stat(outPath).catch(ignoreMissing)
  if (out !== undefined && out.dev === source.dev && out.ino === source.ino)
    throw new TidegateError('REPAIR_OUT_IS_SOURCE', `${outPath} is the file to be repaired`, {
      hint: 'Name another file; a repair never changes its source.',
      dataNow: 'Nothing was written.',
    })
  // A link that leads nowhere is in the way as well.
  if (out !== undefined || (await lstat(outPath).catch(ignoreMissing)) !== undefined) throw exists(outPath)
}

function exists(outPath: string): TidegateError {
  return new TidegateError('REPAIR_OUT_EXISTS', `${outPath} exists already`, {
    hint: 'Name another file or move that one away; a repair never replaces a file.',
    dataNow: 'Nothing was written.',
  })
}

async function writeTemp(
  sourcePath: string,
  plan: Pick<SalvagePlan, 'prefixBytes' | 'appended'>,
  temp: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  const source = await open(sourcePath, constants.O_RDONLY)
  try {
    const out = await open(temp, 'wx')
    try {
      await copyPrefix(source, out, plan.prefixBytes, signal)
      await writeAll(out, plan.appended, plan.prefixBytes)
      await writeAll(out, MAGIC, 0)
      await out.sync()
    } finally {
      await out.close()
    }
  } finally {
    await source.close()
  }
  return plan.prefixBytes + plan.appended.length
}

async function copyPrefix(
  source: FileHandle,
  out: FileHandle,
  length: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const block = Buffer.allocUnsafe(Math.min(BLOCK_BYTES, Math.max(length, 1)))
  for (let at = 0; at < length;) {
    signal?.throwIfAborted()
    const { bytesRead } = await source.read(block, 0, Math.min(block.length, length - at), at)
    if (bytesRead === 0)
      throw new TidegateError('REPAIR_SOURCE_CHANGED', 'the file became shorter while it was read', {
        hint: 'Repair it again once nobody writes to it.',
        retryable: true,
        dataNow: 'Nothing was written.',
      })
    await writeAll(out, block.subarray(0, bytesRead), at)
    at += bytesRead
  }
}

async function writeAll(out: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await out.write(bytes, at, bytes.length - at, position + at)
    at += bytesWritten
  }
}

/** A link fails if the name is taken, even by someone who was faster; a rename would replace. */
async function giveName(temp: string, outPath: string): Promise<void> {
  try {
    await link(temp, outPath)
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EEXIST') throw exists(outPath)
    if (code === undefined || !WITHOUT_LINKS.has(code)) throw error
    // A file system without hard links: somebody faster could be replaced here, which a link would have refused.
    if ((await lstat(outPath).catch(ignoreMissing)) !== undefined) throw exists(outPath)
    await rename(temp, outPath)
  }
}

async function fsyncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function ignoreMissing(error: unknown): undefined {
  if (codeOf(error) === 'ENOENT') return undefined
  throw error
}
