/**
 * Parts get their names in the table before the commit that names them: once a commit is in the log, any reader may open
 * its files. Until then no log names them, and they are moved back if the commit is refused.
 */
import { rename, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { TidegateError, type LedgerPart } from '@tidegate/core'
import { fsyncFolder } from '@tidegate/storage'
import { isAbsent, makeFolder, removeIfThere, sizeOf } from '../durable.ts'

/** Idempotent; any number of processes may do so at once. @throws LEDGER_ATTEMPT_DROPPED if a part is nowhere */
export async function placeParts(
  directory: string,
  parts: readonly LedgerPart[],
  placed: (part: LedgerPart) => void,
): Promise<void> {
  const folders = new Set<string>()
  for (const part of parts) {
    const to = join(directory, part.visible)
    await makeFolder(dirname(to))
    folders.add(dirname(to))
    // VACUUM removes files that no log names and that are older than a week; a batch may have waited longer.
    const now = new Date()
    await ignoringAbsence(() => utimes(join(directory, part.staged), now, now))
    await ignoringAbsence(() => rename(join(directory, part.staged), to))
    await ignoringAbsence(() => utimes(to, now, now))
    placed(part)
  }
  for (const folder of folders) await fsyncFolder(folder)
  await assertInPlace(directory, parts)
}

/** @throws LEDGER_ATTEMPT_DROPPED */
export async function assertInPlace(directory: string, parts: readonly LedgerPart[]): Promise<void> {
  for (const part of parts) {
    const found = await sizeOf(join(directory, part.visible))
    if (found === part.bytes) continue
    throw new TidegateError(
      'LEDGER_ATTEMPT_DROPPED',
      `The part ${part.visible} ${found === undefined ? 'is gone' : `has ${found} bytes instead of ${part.bytes}`}.`,
      { hint: 'Run again; the batch is staged anew.', retryable: true, dataNow: 'Nothing was committed.' },
    )
  }
}

/** Takes parts out of the table whose commit was refused. */
export async function takeBack(directory: string, parts: readonly LedgerPart[]): Promise<void> {
  for (const part of parts) {
    try {
      await rename(join(directory, part.visible), join(directory, part.staged))
    } catch (error) {
      if (!isAbsent(error)) throw error
      // Its attempt is gone, or it never was placed.
      await removeIfThere(join(directory, part.visible))
    }
  }
}

async function ignoringAbsence(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!isAbsent(error)) throw error
  }
}
