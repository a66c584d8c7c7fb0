/**
 * Taking a manifest away. A writer that slept may come to it when the name already belongs to the next attempt of the
 * batch, and no file system removes a name only if it means a certain file. So the name is moved first and looked at then;
 * what was not meant gets its name back, by the next recovery if need be.
 */
import { link, readFile, rename } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { codeOf } from '@tidegate/core'
import { fsyncFolder } from '@tidegate/storage'
import { isAbsent, namesIn, removeIfThere } from '../durable.ts'
import { BATCHES, manifestPath } from './layout.ts'
import { isSameAttempt, parseManifest, type Manifest } from './manifest.ts'

const DROPPING = '.dropping-'

/** Removes the manifest of a batch if it is this one. */
export async function dropManifest(directory: string, manifest: Manifest): Promise<void> {
  const { batch } = manifest.entry
  const away = join(directory, `${BATCHES}/${batch}${DROPPING}${randomUUID()}`)
  try {
    await rename(join(directory, manifestPath(batch)), away)
    const moved = parseManifest(await readFile(away, 'utf8'), away)
    if (isSameAttempt(moved, manifest)) await removeIfThere(away)
    else await giveBack(directory, batch, away)
  } catch (error) {
    if (!isAbsent(error)) throw error
  }
}

/** Ends what {@link dropManifest} began in a process that died. A manifest that comes back needlessly is settled again. */
export async function restoreManifests(directory: string): Promise<void> {
  for (const name of await namesIn(join(directory, BATCHES))) {
    const at = name.indexOf(DROPPING)
    if (at > 0) await giveBack(directory, name.slice(0, at), join(directory, BATCHES, name))
  }
}

async function giveBack(directory: string, batch: string, away: string): Promise<void> {
  try {
    await link(away, join(directory, manifestPath(batch)))
    await fsyncFolder(join(directory, BATCHES))
  } catch (error) {
    if (codeOf(error) !== 'EEXIST' && !isAbsent(error)) throw error
  }
  await removeIfThere(away)
}
