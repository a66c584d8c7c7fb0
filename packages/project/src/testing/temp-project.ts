/**
 * Projects in temp folders, run with the real effects. The projects of one test file share one engine child and one of the
 * doctor, and one DuckDB session of the test's own is the independent witness of what readers of the target see.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Cell, Expectation, GateSettings, Session, SourceConfig } from '@tidegate/core'
import { openDuckDB, startEngine } from '@tidegate/duckdb'
import { openDoctor } from '@tidegate/parquet/doctor'
import { ingestSource, type IngestOptions, type PipelineEffects, type SourceReport } from '@tidegate/pipeline'
import { openProject, type Project, type ProjectOptions } from '../open-project.ts'

export interface Bench {
  readonly witness: Session
  /** A fresh project with one source `s` over `landing/`; `source` is laid over its settings. */
  project(source?: Readonly<Record<string, unknown>>): TempProject
  close(): Promise<void>
}

export interface IngestRun extends Partial<IngestOptions> {
  readonly effects?: ((effects: PipelineEffects, project: Project) => PipelineEffects) | undefined
  /** Laid over the source's settings as they were read. */
  readonly source?: Partial<SourceConfig> | undefined
  /** Use the project's own engine and doctor instead of the shared ones. */
  readonly ownEngine?: boolean
}

/** Children that take half a second to start. */
export type SharedChildren = Pick<PipelineEffects, 'openSession' | 'doctor'>

export interface TempProject {
  readonly directory: string
  /** Those of the bench. */
  readonly shared: SharedChildren
  /** Writes a file below `landing/`. */
  land(name: string, content: string | Uint8Array): string
  /** Writes rows of a SELECT as a Parquet file below `landing/`. */
  landRows(name: string, select: string): Promise<string>
  contract(dataset: string, columns: Readonly<Record<string, unknown>>, more?: ContractParts): void
  ingest(run?: IngestRun): Promise<SourceReport>
  open(options?: Partial<ProjectOptions>): Promise<Project>
  /** Rows of the whole target as the witness sees them through `**`. `select` and what follows FROM are SQL. */
  rows(select?: string, rest?: string): Promise<readonly (readonly Cell[])[]>
  count(): Promise<number>
  /** Every file below a folder of the project with the hash of its bytes; empty where there is no such folder. */
  tree(folder?: string): Readonly<Record<string, string>>
  read(name: string): string
}

export interface ContractParts {
  readonly expectations?: readonly Expectation[]
  readonly gate?: GateSettings
  readonly [part: string]: unknown
}

export async function openBench(): Promise<Bench> {
  const root = mkdtempSync(path.join(tmpdir(), 'tidegate-'))
  const witness = await openDuckDB({ threads: 1 })
  const engine = startEngine({ allowedDirectories: [root], threads: 2, tempDirectory: path.join(root, 'engine') })
  const doctor = openDoctor()
  const shared: SharedChildren = { openSession: () => engine.openSession(), doctor }
  let projects = 0
  return {
    witness,
    project(source = {}) {
      const directory = path.join(root, `p${++projects}`)
      mkdirSync(path.join(directory, 'landing'), { recursive: true })
      const settings = {
        path: 'landing/**/*',
        ready: { settle: '0s' },
        contract: 'contracts/{dataset}.yaml',
        on_missing_contract: 'admit',
        target: { path: 'lake/{dataset}' },
        ...source,
      }
      writeFileSync(path.join(directory, 'tidegate.yaml'), JSON.stringify({ version: 1, sources: { s: settings } }))
      return tempProject(directory, witness, shared)
    },
    async close() {
      await doctor.close()
      await engine.close()
      await witness.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

function tempProject(directory: string, witness: Session, shared: SharedChildren): TempProject {
  const lake = `${directory}/lake/**/*.parquet`.replaceAll("'", "''")

  function place(name: string): string {
    const file = path.join(directory, name)
    mkdirSync(path.dirname(file), { recursive: true })
    return file
  }

  async function open(options: Partial<ProjectOptions> = {}): Promise<Project> {
    const opened = await openProject({ directory, env: {}, ...options })
    if (opened.kind !== 'ok') throw new Error(JSON.stringify(opened))
    return opened.project
  }

  async function rows(select = '*', rest = ''): Promise<readonly (readonly Cell[])[]> {
    const found = await witness.query(`SELECT count(*) FROM glob('${lake}')`)
    if (found.rows[0]?.[0] === 0) return []
    return (await witness.query(`SELECT ${select} FROM read_parquet('${lake}', union_by_name = true) ${rest}`)).rows
  }

  return {
    directory,
    shared,
    open,
    rows,
    land(name, content) {
      const file = place(path.join('landing', name))
      writeFileSync(file, content)
      return file
    },
    async landRows(name, select) {
      const file = place(path.join('landing', name))
      await witness.query(`COPY (${select}) TO '${file.replaceAll("'", "''")}' (FORMAT parquet)`)
      return file
    },
    contract(dataset, columns, more = {}) {
      const contract = { contract: dataset, version: 1, schema: { columns }, expectations: [], ...more }
      writeFileSync(place(`contracts/${dataset}.yaml`), JSON.stringify(contract))
    },
    async ingest({ effects: wrap, source: changes = {}, ownEngine = false, ...options } = {}) {
      const project = await open()
      try {
        const [source] = project.config.sources
        if (source === undefined) throw new Error('no source')
        const own = project.effects
        const base: PipelineEffects = ownEngine ? own : { ...own, ...shared }
        return await ingestSource(
          { ...source, ...changes },
          { force: false, workers: 2, gate: {}, exclude: project.exclude, ...options },
          wrap === undefined ? base : wrap(base, project),
        )
      } finally {
        await project.close()
      }
    },
    async count() {
      return Number((await rows('count(*)'))[0]?.[0] ?? 0)
    },
    tree(folder = '') {
      const base = path.join(directory, folder)
      if (!existsSync(base)) return {}
      const names = readdirSync(base, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
      const entries = names.map((entry): [string, string] => {
        const file = path.join(entry.parentPath, entry.name)
        return [path.relative(base, file), createHash('sha256').update(readFileSync(file)).digest('hex')]
      })
      return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
    },
    read: (name) => readFileSync(path.join(directory, name), 'utf8'),
  }
}

/** Per file of a report: `path: status`, with the first reason's code where there is one. */
export function outcomes(report: SourceReport): string[] {
  if (report.error !== undefined) return [`error: ${report.error.code} ${report.error.message}`]
  return report.files.map((file) => {
    const [reason] = file.reasons
    return `${file.path}: ${file.status}${reason === undefined ? '' : ` ${reason.check}`}`
  })
}
