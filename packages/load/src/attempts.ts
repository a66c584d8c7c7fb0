/**
 * Who may delete a staged attempt, and when.
 *
 * A writer that stalls between seal and commit (SIGSTOP, a swapped-out machine) still believes in its lease. If a recovery
 * deleted its files and it then wrote its entry, the log would promise rows that no longer exist. Therefore:
 *
 *   (1) Before its entry, a writer claims the attempt: it creates `claim.json` with its fence in the attempt's folder.
 *   (2) Recovery moves a folder away, in one rename, before it deletes anything. After that the claim cannot be made, and
 *       the writer stops with LEDGER_ATTEMPT_DROPPED.
 *   (3) A claimed attempt is dropped only when the log proves that its entry can never come: its batch has an entry, or its
 *       source has a commit with a higher fence.
 *
 * Folders of a process that is known to be alive are left alone as well; that is courtesy and saves its work.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { codeOf, TidegateError, type BatchRef } from '@tidegate/core'
import { fsyncIfThere, isAbsent, makeFolder, namesIn, removeIfThere } from './durable.ts'
import { isFolderName, STAGING } from './layout.ts'
import type { LogFacts } from './log-state.ts'

export interface AttemptOwner extends BatchRef {
  readonly host: string
  readonly pid: number
  /** Distinguishes processes that had the same pid; null where the system does not tell. */
  readonly startedAt: string | null
  /** Attempt folder, relative to the target. */
  readonly folder: string
}

const OWNER = 'owner.json'
const CLAIM = 'claim.json'
const DROPPED = '.dropped-'
/** Folders of attempts that are being made. */
const FRESH = '.fresh-'
const TRIES = 100

/** Attempt folders that this process is working in. */
const active = new Set<string>()

/** Makes the folder of a fresh attempt and returns it, relative to the target. */
export async function createAttempt(directory: string, batch: BatchRef): Promise<string> {
  if (!isFolderName(batch.batch) || !Number.isSafeInteger(batch.attempt) || batch.attempt < 0) {
    throw new TidegateError(
      'LEDGER_PATH',
      `${JSON.stringify(batch.batch)} (attempt ${batch.attempt}) cannot name a folder.`,
      {
        hint: 'Batch ids are letters, digits, dots, dashes and underscores.',
      },
    )
  }
  // The random part keeps a stalled writer out of the folder of whoever repeats its attempt.
  const folder = `${STAGING}/${batch.batch}/${batch.attempt}-${randomUUID().slice(0, 8)}`
  const { run, source, dataset } = batch
  const self = { host: hostname(), pid: process.pid, startedAt: startOf(process.pid) }
  const owner: AttemptOwner = { batch: batch.batch, attempt: batch.attempt, run, source, dataset, ...self, folder }
  active.add(join(directory, folder))
  for (let tries = 1; ; tries += 1) {
    try {
      await placeAttempt(directory, folder, owner)
      return folder
    } catch (error) {
      // Whoever collects another attempt of this batch may take the emptied folder of the batch away at this moment.
      if (!isAbsent(error) || tries === TRIES) throw error
    }
  }
}

/** The folder gets its name with its owner in it: one without would look like what a dead process left. */
async function placeAttempt(directory: string, folder: string, owner: AttemptOwner): Promise<void> {
  const fresh = join(directory, STAGING, `${FRESH}${randomUUID()}`)
  await makeFolder(fresh)
  await writeFile(join(fresh, OWNER), `${JSON.stringify(owner)}\n`, { flag: 'wx' })
  try {
    // In one breath: what is durable comes after.
    await mkdir(dirname(join(directory, folder)), { recursive: true })
    await rename(fresh, join(directory, folder))
  } catch (error) {
    await rm(fresh, { recursive: true, force: true })
    throw error
  }
  await fsyncIfThere(dirname(join(directory, folder)))
  await fsyncIfThere(join(directory, STAGING))
}

/** Deletes an attempt that its own writer gives up; a claimed one stays, for its entry may be there. */
export async function dropAttempt(directory: string, folder: string): Promise<void> {
  if ((await readJson(join(directory, folder, CLAIM))) !== undefined) return
  active.delete(join(directory, folder))
  await rm(join(directory, folder), { recursive: true, force: true })
  await removeIfEmpty(join(directory, dirname(folder)))
}

/** Rule 1. @throws LEDGER_ATTEMPT_DROPPED if a recovery was faster */
export async function claimAttempt(directory: string, folder: string, fence: number): Promise<void> {
  try {
    await writeFile(join(directory, folder, CLAIM), `${JSON.stringify({ fence })}\n`, { flag: 'wx' })
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return
    if (!isAbsent(error)) throw error
    throw new TidegateError(
      'LEDGER_ATTEMPT_DROPPED',
      `The staged files in ${folder} were dropped by another process.`,
      {
        hint: 'Another writer recovered this target meanwhile; run again.',
        retryable: true,
        dataNow: 'Nothing was committed.',
        cause: error,
      },
    )
  }
}

/** Takes a claim back after the log refused the entry, so that the attempt may be dropped or committed anew. */
export async function unclaimAttempt(directory: string, folder: string): Promise<void> {
  await removeIfThere(join(directory, folder, CLAIM))
}

/**
 * Rules 2 and 3: drops what can never be committed. Batches with an entry are none of its business.
 *
 * @param keep.batches whose folders stay whatever their owner
 * @param keep.source drops only attempts of this source; of all sources if undefined
 */
export async function collectAttempts(
  directory: string,
  state: LogFacts,
  keep: { readonly batches: ReadonlySet<string>; readonly source: string | undefined },
): Promise<void> {
  const staging = join(directory, STAGING)
  for (const name of await namesIn(staging)) {
    const fresh = join(staging, name)
    if (name.startsWith(FRESH) && !(await isYoung(fresh))) await rm(fresh, { recursive: true, force: true })
  }
  for (const batch of await stagedBatches(directory)) {
    if (state.batches.has(batch) || keep.batches.has(batch)) continue
    for (const attempt of await namesIn(join(staging, batch))) {
      const folder = join(staging, batch, attempt)
      const owner = await readOwner(folder)
      const busy = owner === undefined ? await isYoung(folder) : isAlive(owner, folder)
      if (!busy && !isForeign(owner, keep.source)) await dropUnlessClaimed(staging, folder, owner, state)
    }
    await removeIfEmpty(join(staging, batch))
  }
}

/**
 * Finishes what a recovery that died in the middle of a drop left behind. Comes before log and folder are compared: a
 * claimed attempt may have got its entry meanwhile.
 */
export async function restoreDropped(directory: string, state: LogFacts): Promise<void> {
  const staging = join(directory, STAGING)
  for (const name of await namesIn(staging)) {
    if (!name.startsWith(DROPPED)) continue
    const away = join(staging, name)
    const owner = await readOwner(away)
    const claimed = owner !== undefined && (await mayStillCommit(away, owner, state, state.batches.has(owner.batch)))
    if (claimed) await moveBack(away, join(staging, owner.batch, basename(owner.folder)))
    else await rm(away, { recursive: true, force: true })
  }
}

/** Deletes the attempts of a batch whose entry is published. */
export async function collectCommitted(directory: string, batch: string, own: ReadonlySet<string>): Promise<void> {
  const folder = join(directory, STAGING, batch)
  for (const attempt of await namesIn(folder)) {
    const path = join(folder, attempt)
    const owner = await readOwner(path)
    const mine = own.has(`${STAGING}/${batch}/${attempt}`)
    if (!mine && owner !== undefined && isAlive(owner, path)) continue
    active.delete(path)
    await rm(path, { recursive: true, force: true })
  }
  await removeIfEmpty(folder)
}

/** Batches that have a folder in staging. */
export async function stagedBatches(directory: string): Promise<readonly string[]> {
  return (await namesIn(join(directory, STAGING))).filter(
    (name) => !name.startsWith(DROPPED) && !name.startsWith(FRESH),
  )
}

async function dropUnlessClaimed(
  staging: string,
  folder: string,
  owner: AttemptOwner | undefined,
  state: LogFacts,
): Promise<void> {
  if (await mayStillCommit(folder, owner, state, false)) return
  const away = join(staging, `${DROPPED}${randomUUID()}`)
  try {
    await rename(folder, away)
  } catch (error) {
    if (isAbsent(error)) return
    throw error
  }
  if (await mayStillCommit(away, owner, state, false)) await moveBack(away, folder)
  else await rm(away, { recursive: true, force: true })
}

async function moveBack(away: string, folder: string): Promise<void> {
  await makeFolder(dirname(folder))
  try {
    await rename(away, folder)
  } catch (error) {
    // Another recovery was faster.
    if (!isAbsent(error)) throw error
  }
}

/** Rule 3. The claim counts whatever its fence if the batch has an entry, which may be this attempt's. */
async function mayStillCommit(
  folder: string,
  owner: AttemptOwner | undefined,
  state: LogFacts,
  hasEntry: boolean,
): Promise<boolean> {
  const claim = await readJson(join(folder, CLAIM))
  if (claim === undefined) return false
  if (hasEntry) return true
  const fence = owner === undefined ? undefined : state.fences.get(owner.source)
  // A claim whose fence cannot be read is one being written right now.
  return fence === undefined || typeof claim['fence'] !== 'number' || fence <= claim['fence']
}

function isForeign(owner: AttemptOwner | undefined, source: string | undefined): boolean {
  return owner !== undefined && source !== undefined && owner.source !== source
}

/** A folder without an owner is one being made, or one whose maker died at once. */
async function isYoung(folder: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(folder)).mtimeMs < 60_000
  } catch (error) {
    if (isAbsent(error)) return false
    throw error
  }
}

function isAlive(owner: AttemptOwner, folder: string): boolean {
  if (owner.host !== hostname()) return false
  if (owner.pid === process.pid && owner.startedAt === startOf(process.pid)) return active.has(folder)
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false
  }
  return owner.startedAt === startOf(owner.pid)
}

/** When a process started, in ticks since boot and with the boot's id; null where the system does not tell. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    // The second field is the command in brackets and may hold spaces and brackets itself.
    return `${boot}:${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`
  } catch {
    return null
  }
}

async function readOwner(folder: string): Promise<AttemptOwner | undefined> {
  const owner = await readJson(join(folder, OWNER))
  if (owner === undefined || typeof owner['source'] !== 'string' || typeof owner['pid'] !== 'number') return undefined
  if (typeof owner['batch'] !== 'string' || !isFolderName(owner['batch'])) return undefined
  return typeof owner['folder'] === 'string' ? (owner as unknown as AttemptOwner) : undefined
}

/** Undefined if the file is not there; an empty object if it is not a JSON object. */
async function readJson(path: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
  } catch {
    return {}
  }
}

async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder)
  } catch (error) {
    if (!isAbsent(error) && codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST') throw error
  }
}
