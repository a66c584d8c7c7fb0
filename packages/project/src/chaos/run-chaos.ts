/**
 * The short form of the crash tests for somebody's own storage: what the commit protocol asks of a file system, then a small
 * project in a scratch folder there that is killed and recovered. Touches nothing outside the scratch folder.
 *
 *   (1) A name is given once, also to two processes.                          [proveNames, proveRace]
 *   (2) A rename moves, a folder can be synced.                               [proveMoves]
 *   (3) After kills at the steps of a commit every row is there once.         [proveRounds]
 */
import { fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { link, mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { codeOf, messageOf } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { readLedger } from '@tidegate/load'
import { fsyncFolder } from '@tidegate/storage'

export interface ChaosProof {
  readonly what: string
  readonly proved: boolean
  /** What was seen. */
  readonly found: string
  /** What to do where it was not proved. */
  readonly hint?: string | undefined
}

export interface ChaosOptions {
  /** Absolute folder of a target, there or not: the scratch folder is made in it, or in the nearest one above it that exists. */
  readonly folder: string
  /** Kills. @defaultValue one at each step of a commit */
  readonly rounds?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Never throws for what the storage lacks: that is a proof with `proved: false`. */
export async function runChaos(options: ChaosOptions): Promise<readonly ChaosProof[]> {
  const scratch = await mkdtemp(path.join(nearest(options.folder), '.tidegate-chaos-'))
  try {
    const proofs = [
      await prove('a name is taken once', LINK_HINT, () => proveNames(scratch)),
      await prove('a rename moves a file', MOVE_HINT, () => proveMoves(scratch)),
      await prove('a folder can be synced', SYNC_HINT, () => proveSync(scratch)),
      await prove('of two processes one gets each name', LINK_HINT, () => proveRace(scratch)),
    ]
    // Without these a kill proves nothing more.
    if (proofs.some(({ proved }) => !proved)) return proofs
    const rounds = await prove('killed and recovered, every row is there once', REPORT_HINT, () =>
      proveRounds(path.join(scratch, 'project'), options),
    )
    return [...proofs, rounds]
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

async function prove(what: string, hint: string, work: () => Promise<string>): Promise<ChaosProof> {
  try {
    return { what, proved: true, found: await work() }
  } catch (error) {
    return { what, proved: false, found: messageOf(error), hint }
  }
}

async function proveNames(scratch: string): Promise<string> {
  const [from, to] = [path.join(scratch, 'one'), path.join(scratch, 'two')]
  await writeFile(from, 'x')
  await link(from, to)
  const again = await link(from, to).then(
    () => 'nothing',
    (error: unknown) => codeOf(error) ?? 'another error',
  )
  if (again !== 'EEXIST') throw new Error(`linking to a name that is taken gave ${again} and not EEXIST`)
  return 'a second link to the same name was refused'
}

async function proveMoves(scratch: string): Promise<string> {
  const [from, to] = [path.join(scratch, 'here'), path.join(scratch, 'deep/there')]
  await mkdir(path.dirname(to))
  await writeFile(from, 'content')
  await rename(from, to)
  if (existsSync(from) || (await readFile(to, 'utf8')) !== 'content')
    throw new Error('a renamed file was not there, or twice')
  return 'the bytes are under the new name only'
}

async function proveSync(scratch: string): Promise<string> {
  await fsyncFolder(scratch)
  return 'fsync of a folder succeeded'
}

const NAMES = 500

async function proveRace(scratch: string): Promise<string> {
  const folder = path.join(scratch, 'race')
  await mkdir(folder)
  const ends = await Promise.all([0, 1].map(() => startChild(['race', folder, String(NAMES)])))
  const won = ends.flatMap(({ message }) => (message as { readonly won?: readonly number[] } | undefined)?.won ?? [])
  const distinct = new Set(won).size
  if (won.length !== NAMES || distinct !== NAMES)
    throw new Error(`${NAMES} names were given out ${won.length} times, ${distinct} of them at all`)
  return `${NAMES} names, each given out once`
}

/** Steps of a commit, in its order; each round kills at the next. */
const STEPS = [
  'pinned',
  'part-written',
  'sealed',
  'entry-temp-written',
  'entry-linked',
  'entry-durable',
  'retired-one',
  'published-one',
]

async function proveRounds(directory: string, options: ChaosOptions): Promise<string> {
  const rounds = options.rounds ?? STEPS.length
  await writeProject(directory)
  await layRound(directory, 0)
  await ingest(directory)
  let kills = 0
  for (let round = 1; round <= rounds; round += 1) {
    options.signal?.throwIfAborted()
    await layRound(directory, round)
    const step = STEPS[(round - 1) % STEPS.length] ?? 'sealed'
    const { exitSignal } = await startChild(['ingest', directory, step, '1'])
    if (exitSignal === 'SIGKILL') kills += 1
  }
  await ingest(directory)
  await compare(directory, rounds)
  if ((await ingest(directory)) !== 0) throw new Error('a further run still found something to do')
  if (kills < rounds) throw new Error(`of ${rounds} kills ${kills} came at their step`)
  return `${kills} kills at ${Math.min(rounds, STEPS.length)} steps of the commit; rows, log and quarantine agree`
}

const ROWS = 50

async function writeProject(directory: string): Promise<void> {
  await mkdir(path.join(directory, 'landing'), { recursive: true })
  await writeFile(
    path.join(directory, 'tidegate.yaml'),
    `version: 1
sources:
  chaos:
    path: landing/*.csv
    contract: contract.yaml
    ready: { settle: 0s }
    gate: { on_fail: split }
    quarantine: { path: quarantine }
    target: { kind: parquet, path: lake }
`,
  )
  await writeFile(
    path.join(directory, 'contract.yaml'),
    `contract: chaos
version: 1
schema: { columns: { id: { type: BIGINT }, value: { type: BIGINT } } }
expectations:
  - { type: expect_column_values_to_be_between, kwargs: { column: value, min_value: 0 }, severity: critical }
`,
  )
}

/** A new file with one bad row, and a new version of the file of the round before. */
async function layRound(directory: string, round: number): Promise<void> {
  await layFile(directory, round, round * 2)
  if (round > 0) await layFile(directory, round - 1, round * 2 + 1)
}

async function layFile(directory: string, number: number, block: number): Promise<void> {
  const rows = Array.from({ length: ROWS }, (_, row) => `${block * ROWS + row},${row === 7 ? -1 : row}`)
  const file = path.join(directory, 'landing', `file-${number}.csv`)
  await writeFile(file, `id,value\n${rows.join('\n')}\n`)
  const at = new Date(Date.now() - 3_600_000)
  await utimes(file, at, at)
}

async function compare(directory: string, rounds: number): Promise<void> {
  const session = await openDuckDB({ threads: 1 })
  try {
    const literal = (name: string): string => session.dialect.literal(path.join(directory, name))
    const target = await session.query(`SELECT id, value FROM read_parquet(${literal('lake/*.parquet')})`)
    const landing = await readLanding(directory)
    const difference = compareRows(
      target.rows.map((row) => row.map(String).join()),
      landing,
    )
    if (difference !== undefined) throw new Error(difference)
  } finally {
    await session.close()
  }
  const files: string[] = []
  let rejected = 0
  for await (const entry of readLedger(path.join(directory, 'lake'))) {
    files.push(...entry.files.map((file) => file.id))
    rejected += entry.rejected.reduce((sum, part) => sum + part.rows, 0)
  }
  if (new Set(files).size !== files.length) throw new Error('a file version is in two entries of the log')
  // Versions that were overwritten before a run took them are in none.
  if (files.length < rounds + 1 || rejected !== files.length)
    throw new Error(`${files.length} file versions are in the log with ${rejected} rejected rows`)
}

async function readLanding(directory: string): Promise<readonly string[]> {
  const lines: string[] = []
  for (const name of await readdir(path.join(directory, 'landing'))) {
    const text = await readFile(path.join(directory, 'landing', name), 'utf8')
    lines.push(...text.trim().split('\n').slice(1))
  }
  return lines.filter((line) => !line.includes(',-'))
}

function compareRows(found: readonly string[], expected: readonly string[]): string | undefined {
  const counts = new Map<string, number>()
  for (const row of expected) counts.set(row, (counts.get(row) ?? 0) + 1)
  for (const row of found) counts.set(row, (counts.get(row) ?? 0) - 1)
  const wrong = [...counts].filter(([, count]) => count !== 0)
  if (wrong.length === 0) return undefined
  const missing = wrong.filter(([, count]) => count > 0).length
  return `${missing} rows are missing in the target, ${wrong.length - missing} are there too often`
}

/** → files that the run had something to say of. */
async function ingest(directory: string): Promise<number> {
  const { message, stderr } = await startChild(['ingest', directory, 'never', '0'])
  const totals = message as { readonly files: number; readonly error: string } | undefined
  if (totals === undefined || totals.error !== '') throw new Error(`a run failed: ${totals?.error ?? stderr}`)
  return totals.files
}

interface ChildEnd {
  readonly message: unknown
  readonly exitSignal: NodeJS.Signals | null
  readonly stderr: string
}

function startChild(args: readonly string[]): Promise<ChildEnd> {
  const fromSource = import.meta.url.endsWith('.ts')
  const entry = fileURLToPath(new URL(fromSource ? './chaos-child.ts' : './chaos-child.js', import.meta.url))
  return new Promise((resolve, reject) => {
    // Detached: a process group of its own, which dies as a whole.
    const child = fork(entry, [...args], {
      detached: true,
      execArgv: fromSource ? ['--conditions=tidegate:source', '--disable-warning=ExperimentalWarning'] : [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    let message: unknown
    let stderr = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.on('message', (value) => {
      message = value
    })
    child.on('error', reject)
    child.on('close', (_code, exitSignal) => resolve({ message, exitSignal, stderr }))
  })
}

function nearest(folder: string): string {
  return existsSync(folder) ? folder : nearest(path.dirname(folder))
}
