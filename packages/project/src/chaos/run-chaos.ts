/**
 * The short form of the crash tests for somebody's own storage: what the commit protocol asks of a file system, then a small
 * project in a scratch folder there that is killed and recovered. Touches nothing outside the scratch folder and, where a
 * Postgres server is meant, the scratch database; both are removed.
 *
 *   (1) A name is given once, also to two processes.                          [proveNames, proveRace]
 *   (2) A rename moves, a folder can be synced.                               [proveMoves, proveSync]
 *   (3) After kills at the steps of a commit every row is there once.         [proveRounds]
 */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import { messageOf, type TargetKind } from '@tidegate/core'
import { compareProject, layRound, runFailed, STEPS, writeProject, type ChaosProject } from './chaos-project.ts'
import { makeScratchDatabase } from './scratch-database.ts'
import { startChild } from './start-child.ts'
import { proveMoves, proveNames, proveRace, proveSync } from './storage-proofs.ts'

export interface ChaosProof {
  readonly what: string
  readonly proved: boolean
  /** It could not be tried, for the reason in `found`: nothing is known. */
  readonly skipped?: boolean | undefined
  /** What was seen. */
  readonly found: string
  /** What to do where it was not proved. */
  readonly hint?: string | undefined
}

export interface ChaosOptions {
  /** Absolute folder of a target, there or not: the scratch folder is made in it, or in the nearest one above it that exists. */
  readonly folder: string
  /** Kinds of targets to play, one after another. @defaultValue ['parquet'] */
  readonly kinds?: readonly TargetKind[] | undefined
  /** Connection string of the server for kind postgres; may hold a password. A database of its own is made and dropped there. */
  readonly database?: string | undefined
  /** The same for the state of the scratch project. @defaultValue SQLite in the scratch folder */
  readonly state?: string | undefined
  /** Leaves out what is proved of the file system alone. @defaultValue false */
  readonly onlyRounds?: boolean | undefined
  /** Kills per kind. @defaultValue one at each step of a commit */
  readonly rounds?: number | undefined
  /** No kill is begun after this; what was killed by then is compared. @defaultValue {@link CHAOS_LIMIT_MS}, per kind */
  readonly limitMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Time for the kills of one kind. */
export const CHAOS_LIMIT_MS: number = 120_000

/** Never throws for what the storage lacks: that is a proof with `proved: false`. */
export async function runChaos(options: ChaosOptions): Promise<readonly ChaosProof[]> {
  const scratch = await mkdtemp(path.join(nearest(options.folder), '.tidegate-chaos-'))
  const limitMs = options.limitMs ?? CHAOS_LIMIT_MS
  try {
    const proofs: ChaosProof[] = []
    if (options.onlyRounds !== true) {
      proofs.push(await prove('a name is taken once', LINK_HINT, () => proveNames(scratch)))
      proofs.push(await prove('a rename moves a file', MOVE_HINT, () => proveMoves(scratch)))
      proofs.push(await prove('a folder can be synced', SYNC_HINT, () => proveSync(scratch)))
      proofs.push(await prove('of two processes one gets each name', LINK_HINT, () => proveRace(scratch, limitMs)))
    }
    // Without these a kill proves nothing more.
    if (proofs.some(({ proved }) => !proved)) return proofs
    for (const kind of options.kinds ?? ['parquet']) proofs.push(await playKind(kind, scratch, options, limitMs))
    return proofs
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

const LINK_HINT =
  'Put the target on a file system with hard links that fail where the name is taken: ext4, xfs, btrfs, apfs.'
const MOVE_HINT = 'Put target and quarantine on a file system where a rename is atomic.'
const SYNC_HINT =
  'Put the target on a file system whose folders can be synced; without it a power cut can lose commits.'
const REPORT_HINT = 'Do not load onto this storage. Please report what it is.'
const DATABASE_HINT =
  'Let a user who may make databases play it (CREATEDB), on this server or on one like it: a database of its own is made and dropped.'

async function prove(what: string, hint: string, work: () => Promise<string>): Promise<ChaosProof> {
  try {
    return { what, proved: true, found: await work() }
  } catch (error) {
    return { what, proved: false, found: messageOf(error), hint }
  }
}

async function playKind(
  kind: TargetKind,
  scratch: string,
  options: ChaosOptions,
  limitMs: number,
): Promise<ChaosProof> {
  const on = options.state === undefined ? '' : ', state in Postgres'
  const what = `killed and recovered, every row is there once (${kind}${on})`
  const databases: AsyncDisposable[] = []
  const own = async (url: string | undefined): Promise<string | undefined> => {
    if (url === undefined) return undefined
    const database = await makeScratchDatabase(url)
    databases.push(database)
    return database.url
  }
  try {
    let project: ChaosProject
    try {
      project = {
        directory: path.join(scratch, kind),
        kind,
        database: kind === 'postgres' ? await own(options.database) : undefined,
        state: await own(options.state),
      }
    } catch (error) {
      return { what, proved: false, skipped: true, found: messageOf(error), hint: DATABASE_HINT }
    }
    return await prove(what, REPORT_HINT, () => proveRounds(project, options, limitMs))
  } finally {
    for (const database of databases) await database[Symbol.asyncDispose]()
  }
}

async function proveRounds(project: ChaosProject, options: ChaosOptions, limitMs: number): Promise<string> {
  const steps = STEPS[project.kind]
  const wanted = options.rounds ?? steps.length
  const endsAtMs = performance.now() + limitMs
  // Storage that hangs must not hang whoever asked.
  const leftMs = (): number => Math.max(MIN_PROCESS_MS, endsAtMs - performance.now() + MIN_PROCESS_MS)
  await writeProject(project)
  await layRound(project, 0)
  await ingest(project, leftMs())
  let kills = 0
  let round = 0
  while (round < wanted && performance.now() < endsAtMs) {
    round += 1
    options.signal?.throwIfAborted()
    await layRound(project, round)
    const step = steps[(round - 1) % steps.length] ?? 'sealed'
    const { exitSignal } = await startChild(['ingest', project.directory, step, '1'], leftMs())
    if (exitSignal === 'SIGKILL') kills += 1
  }
  await ingest(project, leftMs())
  await compareProject(project, round)
  if ((await ingest(project, leftMs())) !== 0) throw new Error('a further run still found something to do')
  if (kills < round) throw new Error(`of ${round} kills ${kills} came at their step`)
  const late = round < wanted ? `; ${wanted - round} were left out after ${Math.round(limitMs / 1000)} s` : ''
  return `${kills} kills at ${Math.min(round, steps.length)} steps of the commit; rows, log and quarantine agree${late}`
}

/** What a single process may take in any case. */
const MIN_PROCESS_MS = 30_000

/** → files that the run had something to say of. */
async function ingest({ directory }: ChaosProject, limitMs: number): Promise<number> {
  const { message, stderr } = await startChild(['ingest', directory, 'never', '0'], limitMs)
  const totals = message as { readonly files: number; readonly error: string } | undefined
  if (totals === undefined || totals.error !== '') throw runFailed(totals?.error ?? '', stderr)
  return totals.files
}

function nearest(folder: string): string {
  return existsSync(folder) ? folder : nearest(path.dirname(folder))
}
