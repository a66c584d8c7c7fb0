import { access } from 'node:fs/promises'

/** True if something is at this path. */
export async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}
