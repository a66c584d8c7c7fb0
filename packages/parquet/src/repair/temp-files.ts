/** Temp files of a repair: `.tmp-<token>-<n>` beside the result, which nobody reads. */
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'

export interface TempFiles {
  /** A path that is free. */
  next(): string
  /** Removes all that are left. */
  remove(): Promise<void>
}

const alive = new Set<string>()

export function openTempFiles(folder: string, token: string = randomBytes(8).toString('hex')): TempFiles {
  const own: string[] = []
  return {
    next() {
      const path = join(folder, `.tmp-${token}-${own.length}`)
      own.push(path)
      alive.add(path)
      return path
    },
    async remove() {
      for (const path of own.splice(0)) {
        await rm(path, { recursive: true, force: true })
        alive.delete(path)
      }
    },
  }
}

export function isTempOf(name: string, token: string): boolean {
  return name.startsWith(`.tmp-${token}-`)
}

/** For a process that is about to end. */
export function removeTempsNow(): void {
  for (const path of alive)
    try {
      rmSync(path, { recursive: true, force: true })
    } catch {
      // The folder may be gone with its file system.
    }
}
