/** One target of each kind that keeps rows, and a look at them that does not go through the destination. */
import path from 'node:path'
import { connect, quoteIdentifier } from '@tidegate/postgres'
import { startPostgres, type TestPostgres } from '@tidegate/postgres/testing'
import type { Session } from '@tidegate/core'
import type { TempProject } from './temp-project.ts'

export type RowKind = 'parquet' | 'delta' | 'duckdb' | 'postgres'

export interface Kinds {
  /** Settings of a target of a kind, in a database of its own where the kind has one. */
  targetOf(kind: RowKind): Promise<Readonly<Record<string, unknown>>>
  /** Values of one column of dataset `s`, sorted as text. */
  values(kind: RowKind, p: TempProject, target: Readonly<Record<string, unknown>>, column?: string): Promise<string[]>
  close(): Promise<void>
}

/** @param witness reads files: those of DuckDB as well, once the project has closed them */
export function openKinds(witness: Session): Kinds {
  let server: Promise<TestPostgres> | undefined
  let attached = 0

  async function read(
    kind: RowKind,
    p: TempProject,
    target: Readonly<Record<string, unknown>>,
    column: string,
  ): Promise<unknown[]> {
    const name = quoteIdentifier(column)
    if (kind === 'postgres') {
      const client = await connect(String(target['url']))
      try {
        const { rows } = await client.query(`SELECT ${name} AS value FROM s`)
        return rows.map((row) => row['value'])
      } finally {
        await client.close()
      }
    }
    if (kind !== 'duckdb') return (await p.rows(name)).map(([value]) => value)
    const alias = `base${++attached}`
    await witness.query(`ATTACH '${path.join(p.directory, String(target['path']))}' AS ${alias} (READ_ONLY)`)
    try {
      return (await witness.query(`SELECT ${name} FROM ${alias}.main.s`)).rows.map(([value]) => value)
    } finally {
      await witness.query(`DETACH ${alias}`)
    }
  }

  return {
    async targetOf(kind) {
      switch (kind) {
        case 'parquet':
        case 'delta':
          return { kind, path: 'lake/{dataset}' }
        case 'duckdb':
          return { kind, path: 'base/all.duckdb', table: '{dataset}' }
        case 'postgres': {
          server ??= startPostgres()
          return { kind, url: await (await server).createDatabase(), table: '{dataset}' }
        }
      }
    },
    async values(kind, p, target, column = 'id') {
      return (await read(kind, p, target, column)).map(String).toSorted()
    },
    async close() {
      await (await server)?.close()
    },
  }
}
