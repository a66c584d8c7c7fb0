/** What `tidegate doctor` looks at. Probes write one file each into folders of ours and take it away again. */
import { mkdir, rm, statfs, unlink } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { codeOf, messageOf, type SourceConfig } from '@tidegate/core'
import { memoryBudgetBytes } from '@tidegate/duckdb'
import { fsyncFolder, linkExclusive } from '@tidegate/storage'
import { contractFilesOf } from './contract-files.ts'
import { exists } from './exists.ts'
import { inspectTargets } from './inspect-targets.ts'
import { readContractFile, type Project } from './open-project.ts'
import { targetFolder } from './project-folders.ts'
import { probeClock, probeStatePlace } from './probe-places.ts'
import { probeDatabases } from './probe-databases.ts'
import { findSharedFolders, sharedFolderWarning } from './shared-folders.ts'

export interface Probe {
  readonly what: string
  readonly outcome: 'ok' | 'warn' | 'bad'
  readonly found: string
  /** What to do about it. */
  readonly fix?: string | undefined
}

export async function diagnoseMachine(project: Project): Promise<readonly Probe[]> {
  const { config } = project
  const probes: Probe[] = [platform(), await engine(project), memory(project)]
  probes.push({
    what: 'state database',
    outcome: 'ok',
    // A path, or an address without user and password.
    found: `${project.state.path}, schema ${project.state.schemaVersion}`,
  })
  probes.push(...probeStatePlace(config.state))
  for (const source of config.sources) {
    probes.push(await sourceFolder(source.name, source.root))
    for (const target of source.targets) {
      const folder = targetFolder(target)
      if (folder === undefined) continue
      const what = source.targets.length === 1 ? `target of ${source.name}` : `target ${target.name} of ${source.name}`
      probes.push(await durableFolder(what, folder), ...(await networkFileSystem(what, folder)))
    }
    if (!probes.some((probe) => probe.what === `quarantine ${source.quarantine.path}`)) {
      probes.push(await durableFolder(`quarantine ${source.quarantine.path}`, source.quarantine.path))
    }
    const own = targetFolder(source.target)
    if (own !== undefined) probes.push(await freeSpace(`space for ${source.name}`, own))
  }
  for (const shared of await findSharedFolders(config.sources)) {
    const fix = 'Give each file to one source: make the paths or patterns exclude each other.'
    probes.push({ what: 'sources', outcome: 'warn', found: sharedFolderWarning(shared), fix })
  }
  for (const source of config.sources) probes.push(...(await targetsOf(project, source)))
  for (const source of config.sources) probes.push(...(await probeDatabases(project, source)))
  probes.push(await freeSpace('space for temporary files', config.limits.tempDirectory))
  probes.push(...(await contracts(project)))
  probes.push(...(await clocks(project)))
  const nowMs = project.effects.clock.nowMs()
  for (const lease of await project.state.listLeases(nowMs)) {
    probes.push({
      what: `lease of ${lease.source}`,
      outcome: 'warn',
      found: `held by ${lease.owner.what}`,
      fix: 'A run is under way. A dead one is replaced by the next run at once.',
    })
  }
  return probes
}

/** Of the quarantine folders that are there: they lie where the targets do, and are ours to write to. */
async function clocks({ config, effects }: Project): Promise<readonly Probe[]> {
  const folders = new Set(config.sources.map((source) => source.quarantine.path))
  const probes: Probe[] = []
  for (const folder of folders)
    if (await exists(folder)) probes.push(...(await probeClock(folder, () => effects.clock.nowMs())))
  return probes
}

function platform(): Probe {
  const found = `Node ${process.versions.node} on ${process.platform} ${os.arch()}`
  if (process.platform === 'win32') {
    return {
      what: 'platform',
      outcome: 'bad',
      found,
      fix: 'Windows cannot make a folder durable (no fsync of folders), so Tidegate refuses to own targets there. Use WSL or Linux.',
    }
  }
  return { what: 'platform', outcome: 'ok', found }
}

async function engine(project: Project): Promise<Probe> {
  try {
    const session = await project.effects.openSession()
    const { rows } = await session.query('SELECT version()')
    await session.close()
    return { what: 'engine', outcome: 'ok', found: `DuckDB ${String(rows[0]?.[0])} in a process of its own` }
  } catch (error) {
    return {
      what: 'engine',
      outcome: 'bad',
      found: messageOf(error),
      fix: 'Install again; the package @duckdb/node-api brings a binary for this platform.',
    }
  }
}

function memory(project: Project): Probe {
  const budget = memoryBudgetBytes(project.config.limits.memoryBytes)
  const found = `${Math.round(budget / 2 ** 20).toLocaleString('en-US')} MiB for engine and command together`
  if (budget < 512 * 2 ** 20)
    return {
      what: 'memory',
      outcome: 'warn',
      found,
      fix: 'Below 512 MiB large files spill to disk early; raise limits.memory if you can.',
    }
  return { what: 'memory', outcome: 'ok', found }
}

async function sourceFolder(name: string, root: string): Promise<Probe> {
  const what = `source ${name}`
  if (await exists(root)) return { what, outcome: 'ok', found: root }
  return {
    what,
    outcome: 'bad',
    found: `${root} does not exist`,
    fix: 'Make the folder, mount it, or mend the path in tidegate.yaml.',
  }
}

/** Tries what the commit protocol needs: create, exclusive link, fsync of file and folder. */
async function durableFolder(what: string, folder: string): Promise<Probe> {
  const probe = path.join(folder, `.tmp-tidegate-doctor-${process.pid}`)
  const made: string | undefined = await mkdir(folder, { recursive: true }).catch(() => undefined)
  try {
    const first = await linkExclusive(probe, Buffer.from('probe'))
    const second = await linkExclusive(probe, Buffer.from('probe'))
    await fsyncFolder(folder)
    await unlink(probe)
    if (made !== undefined) await rm(made, { recursive: true })
    if (first !== 'created' || second !== 'exists') {
      return {
        what,
        outcome: 'bad',
        found: `${folder}: a second exclusive link was not refused`,
        fix: 'This file system cannot keep two writers apart. Choose another for the target.',
      }
    }
    return { what, outcome: 'ok', found: `${folder}: exclusive link and fsync work` }
  } catch (error) {
    return {
      what,
      outcome: 'bad',
      found: `${folder}: ${codeOf(error) ?? ''} ${messageOf(error)}`,
      fix: 'The target needs a local file system with hard links that this user may write to.',
    }
  }
}

const NETWORK_FILE_SYSTEMS = new Map([
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x517b, 'SMB'],
  [0x5346414f, 'AFS'],
  [0x00c36400, 'Ceph'],
  [0x65735546, 'FUSE'],
  [0x01021997, '9p'],
])

async function networkFileSystem(what: string, folder: string): Promise<readonly Probe[]> {
  const info = await statfs(await nearest(folder)).catch(() => undefined)
  const name = info === undefined ? undefined : NETWORK_FILE_SYSTEMS.get(info.type >>> 0)
  if (name === undefined) return []
  const isState = what === 'state database'
  return [
    {
      what: `file system of ${what}`,
      outcome: isState && name !== 'FUSE' && name !== '9p' ? 'bad' : 'warn',
      found: `${folder} is on ${name}`,
      fix: isState
        ? 'SQLite loses its locks on network file systems: put `state:` on a local disk.'
        : 'fsync and hard links are not reliable there; Tidegate promises exactly-once on local file systems only.',
    },
  ]
}

async function targetsOf(project: Project, source: SourceConfig): Promise<readonly Probe[]> {
  const what = `ledger of ${source.name}`
  try {
    const problems = await inspectTargets(project, source)
    if (problems.length === 0) return [{ what, outcome: 'ok', found: 'log, state and parts agree' }]
    return problems.map((problem) => ({
      what,
      outcome: 'bad',
      found: `${problem.code}: ${problem.message}`,
      fix: problem.hint,
    }))
  } catch (error) {
    return [{ what, outcome: 'bad', found: `${codeOf(error) ?? ''} ${messageOf(error)}` }]
  }
}

async function freeSpace(what: string, folder: string): Promise<Probe> {
  const info = await statfs(await nearest(folder)).catch(() => undefined)
  if (info === undefined) return { what, outcome: 'warn', found: `${folder}: unknown` }
  const free = info.bavail * info.bsize
  const found = `${(free / 2 ** 30).toFixed(1)} GiB free`
  if (free < 2 ** 30)
    return {
      what,
      outcome: 'warn',
      found,
      fix: 'Below 1 GiB a run may stop with DISK_FULL. Nothing is lost then, but nothing is loaded either.',
    }
  return { what, outcome: 'ok', found }
}

async function contracts(project: Project): Promise<readonly Probe[]> {
  const files = await contractFilesOf(project).catch(() => [])
  const broken: Probe[] = []
  for (const file of files) {
    const read = await readContractFile(file)
    if (read.kind === 'problems')
      broken.push({
        what: `contract ${path.basename(file)}`,
        outcome: 'bad',
        found: read.problems.join('; '),
        fix: `tidegate contract check ${file}`,
      })
  }
  return broken.length > 0
    ? broken
    : [{ what: 'contracts', outcome: 'ok', found: `${files.length} of them, all readable` }]
}

/** The folder itself or the nearest one above it that exists. */
async function nearest(folder: string): Promise<string> {
  let current = folder
  while (!(await exists(current)) && path.dirname(current) !== current) current = path.dirname(current)
  return current
}
