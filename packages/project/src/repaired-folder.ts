import { mkdir, readdir, rm, rmdir } from 'node:fs/promises'
import path from 'node:path'
import { codeOf, TidegateError } from '@tidegate/core'
import type { RepairedFolder } from '@tidegate/pipeline'

/** The project's folder of repaired files. Nothing is made before the first repair. */
export function openRepairedFolder(folder: string): RepairedFolder {
  return {
    async reserve(place) {
      const file = below(folder, place)
      await mkdir(path.dirname(file), { recursive: true })
      return file
    },
    async list(start) {
      const under = below(folder, start)
      const entries = await readdir(under, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
        if (codeOf(error) === 'ENOENT') return []
        throw error
      })
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    },
    async discard(place) {
      const file = below(folder, place)
      for (const name of [file, `${file}.loss.json`]) await rm(name, { force: true })
      await removeEmptyAbove(file, folder)
    },
  }
}

function below(folder: string, place: string): string {
  const file = path.resolve(folder, place)
  if (file.startsWith(`${folder}${path.sep}`)) return file
  throw new TidegateError('INTERNAL', `${JSON.stringify(place)} is not below the folder of repaired files`)
}

async function removeEmptyAbove(file: string, folder: string): Promise<void> {
  for (let next = path.dirname(file); next.length > folder.length; next = path.dirname(next)) {
    const removed = await rmdir(next).then(
      () => true,
      () => false,
    )
    if (!removed) return
  }
}
