import { open } from 'node:fs/promises'

import { writing } from './write-error.ts'

/** Makes the bytes of a file durable. Throws `DISK_FULL`, or Node's error. */
export async function fsyncFile(path: string): Promise<void> {
  await syncPath(path)
}

/** Makes the names in a folder durable: what was created, renamed or deleted in it. Throws `DISK_FULL`, or Node's error. */
export async function fsyncFolder(path: string): Promise<void> {
  await syncPath(path)
}

async function syncPath(path: string): Promise<void> {
  await writing(path, async () => {
    const handle = await open(path, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  })
}
