import { mkdir, readdir, rm, rmdir } from 'node:fs/promises'
import path from 'node:path'
import type { WorkFolder } from '@tidegate/pipeline'

/** A folder that is deleted when its user is done with it. Its name says whose it is. */
export async function openWorkFolder(parent: string, name: string): Promise<WorkFolder> {
  const folder = path.join(parent, `${process.pid}-${name}`)
  const made = await mkdir(folder, { recursive: true })
  return {
    path: folder,
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true })
      await removeEmpty(parent, made)
    },
  }
}

/** Takes away the folders above that were made for this one, from `folder` up to `made`, while they are empty. */
async function removeEmpty(folder: string, made: string | undefined): Promise<void> {
  if (made === undefined) return
  for (let next = folder; next.length >= made.length; next = path.dirname(next)) {
    const removed = await rmdir(next).then(
      () => true,
      () => false,
    )
    if (!removed) return
  }
}

/** What dead processes left in a temp folder: work folders and the engine's spill files. */
export async function listLeftovers(tempDirectory: string): Promise<readonly string[]> {
  const found: string[] = []
  for (const [folder, pattern] of [
    [path.join(tempDirectory, 'work'), /^(\d+)-/],
    [tempDirectory, /^engine-(\d+)$/],
  ] as const) {
    for (const name of await readdir(folder).catch(() => [])) {
      const pid = Number(pattern.exec(name)?.[1])
      if (pid > 0 && !isAlive(pid)) found.push(path.join(folder, name))
    }
  }
  return found
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives, and is somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
