import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createHash } from 'node:crypto'
import { openBareEffects } from '@tidegate/project'

/** A folder of its own for one test file. */
export interface SmallProject {
  readonly directory: string
  /** Writes a file below the folder, old enough not to be settling. */
  write(name: string, content: string | Uint8Array): string
  read(name: string): string
  /**
   * Every file below the folder with the hash of its bytes; two listings are equal when nothing changed. What SQLite keeps
   * beside an open database, and leaves there empty after reading, is left out.
   */
  fingerprint(): Readonly<Record<string, string>>
  remove(): void
}

export function smallProject(files: Readonly<Record<string, string>> = {}): SmallProject {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'tidegate-cli-'))
  const project: SmallProject = {
    directory,
    write(name, content) {
      const file = path.join(directory, name)
      mkdirSync(path.dirname(file), { recursive: true })
      writeFileSync(file, content)
      const old = new Date(Date.now() - 60_000)
      utimesSync(file, old, old)
      return file
    },
    read: (name) => readFileSync(path.join(directory, name), 'utf8'),
    fingerprint() {
      const found: Record<string, string> = {}
      for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
        const file = path.join(entry.parentPath, entry.name)
        const name = path.relative(directory, file)
        if (/\.db-(wal|shm)$/.test(name)) continue
        found[name] = entry.isFile() ? createHash('sha256').update(readFileSync(file)).digest('hex') : 'folder'
      }
      return found
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
  for (const [name, text] of Object.entries(files)) project.write(name, text)
  return project
}

/** One CSV source `orders`, a contract for it, and a target `lake/orders`. `settle: 0s`: files are taken at once. */
export const ORDERS_YAML = `version: 1
sources:
  orders:
    path: landing/*.csv
    format: csv
    ready: { settle: 0s }
    target: { kind: parquet, path: lake/orders }
    quarantine: { path: quarantine/orders }
    watermark: { column: id, type: BIGINT }
`

export const ORDERS_CONTRACT = `contract: orders
version: 1
schema:
  columns:
    id: { type: BIGINT, nullable: false }
    amount: { type: DOUBLE }
    city: { type: VARCHAR }
expectations:
  - type: expect_column_values_to_be_between
    kwargs: { column: amount, min_value: 0, max_value: 100 }
`

/** `rows` orders whose ids begin at `first`; all of them keep the contract. */
export function ordersCsv(first: number, rows: number): string {
  const lines = Array.from({ length: rows }, (_, index) => `${first + index},${(first + index) % 100},Oslo`)
  return `id,amount,city\n${lines.join('\n')}\n`
}

export function ordersProject(files: Readonly<Record<string, string>> = {}): SmallProject {
  return smallProject({ 'tidegate.yaml': ORDERS_YAML, 'contracts/orders.yaml': ORDERS_CONTRACT, ...files })
}

/** Runs one statement in an engine that may touch this folder only: what tests count rows and build Parquet files with. */
export async function queryIn(directory: string, sql: string): Promise<readonly (readonly unknown[])[]> {
  const { effects, close } = openBareEffects({
    tempDirectory: undefined,
    folders: [directory],
    report: () => {},
    signal: new AbortController().signal,
  })
  try {
    const session = await effects.openSession()
    const { rows } = await session.query(sql)
    await session.close()
    return rows
  } finally {
    await close()
  }
}

/** Rows and distinct ids of everything a glob reader would see in the target. */
export async function countOrders(directory: string): Promise<{ readonly rows: unknown; readonly ids: unknown }> {
  const [row] = await queryIn(
    directory,
    `SELECT count(*), count(DISTINCT id) FROM read_parquet('${directory}/lake/orders/**/*.parquet')`,
  )
  return { rows: row?.[0], ids: row?.[1] }
}
