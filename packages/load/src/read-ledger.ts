import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, type LedgerEntry } from '@tidegate/core'
import { isAbsent } from './durable.ts'
import { entryName, entrySeq, LOG } from './layout.ts'
import { corrupt, parseEntry } from './parse-entry.ts'

/**
 * Yields the entries of a target's commit log in order. Only reads: no recovery, no folder is made, so it is safe beside a
 * running writer. A target without a log yields nothing.
 *
 * @param directory the target folder
 * @param since yields entries with `seq` > `since`. @defaultValue 0
 * @throws LEDGER_CORRUPT naming the broken or missing entry, LEDGER_NEWER for a log of a newer version
 */
export async function* readLedger(directory: string, since = 0): AsyncGenerator<LedgerEntry, void, undefined> {
  const last = await lastEntrySeq(directory)
  for (let seq = since + 1; ; seq += 1) {
    const entry = await readEntry(directory, seq)
    if (entry !== undefined) yield entry
    else if (seq <= last) throw corrupt(join(directory, LOG, entryName(seq)), 'the entry is missing, later ones exist')
    else return
  }
}

const UNREADABLE: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EIO', 'EISDIR', 'ELOOP'])

/** One entry, or undefined if it does not exist. */
export async function readEntry(directory: string, seq: number): Promise<LedgerEntry | undefined> {
  const file = join(directory, LOG, entryName(seq))
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (isAbsent(error)) return undefined
    // Out of descriptors or memory is the fault of the moment, not of the file.
    if (!UNREADABLE.has(codeOf(error) ?? '')) throw error
    throw corrupt(file, 'it cannot be read', error)
  }
  return parseEntry(text, file, seq)
}

/** The highest number in the log folder; 0 when there is none. */
export async function lastEntrySeq(directory: string): Promise<number> {
  return (await logNames(directory)).reduce((last, name) => Math.max(last, entrySeq(name) ?? 0), 0)
}

export async function logNames(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(join(directory, LOG))
  } catch (error) {
    if (isAbsent(error)) return []
    throw error
  }
}
