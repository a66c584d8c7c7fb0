import { isUtf8 } from 'node:buffer'
import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'

export interface Name {
  readonly name: string
  /** Where they are no UTF-8. */
  readonly bytes: Buffer | undefined
  readonly dirent: Dirent | Dirent<Buffer>
}

/** The entries of a folder, in no order. */
export async function readNames(absolute: string): Promise<readonly Name[]> {
  const plain = await readdir(absolute, { withFileTypes: true })
  if (!plain.some(({ name }) => name.includes('\uFFFD')))
    return plain.map((dirent) => ({ name: dirent.name, bytes: undefined, dirent }))
  const exact = await readdir(absolute, { withFileTypes: true, encoding: 'buffer' })
  return exact.map((dirent) => ({
    name: dirent.name.toString('utf8'),
    bytes: isUtf8(dirent.name) ? undefined : dirent.name,
    dirent,
  }))
}
