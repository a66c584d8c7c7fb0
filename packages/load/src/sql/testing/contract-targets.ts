import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabaseFile } from '@tidegate/duckdb'
import type { ContractTarget } from '../../testing/contract/destination-contract.ts'
import { openDuckDBTable } from '../duckdb/open-duckdb-table.ts'
import { openPostgresTable } from '../postgres/open-postgres-table.ts'

export async function duckdbContractTarget(): Promise<ContractTarget> {
  const root = mkdtempSync(join(tmpdir(), 'tidegate-'))
  const file = join(root, 'w.duckdb')
  const quarantine = join(root, 'quarantine')
  return {
    quarantine,
    open: async (options) =>
      openDuckDBTable({
        file,
        table: { schema: 'raw', name: 'Flights' },
        workDirectory: `${file}.tidegate`,
        quarantineDirectory: quarantine,
        openSession: () => openDatabaseFile(file, { threads: 1 }),
        ...options,
      }),
    dispose: async () => rmSync(root, { recursive: true, force: true }),
  }
}

/** A table of its own for each target in one database. */
export async function postgresContractTarget(url: string, table: string): Promise<ContractTarget> {
  const root = mkdtempSync(join(tmpdir(), 'tidegate-'))
  const quarantine = join(root, 'quarantine')
  return {
    quarantine,
    open: async (options) =>
      openPostgresTable({
        url,
        table: { schema: 'raw', name: table },
        workDirectory: join(root, 'work'),
        quarantineDirectory: quarantine,
        ...options,
      }),
    dispose: async () => rmSync(root, { recursive: true, force: true }),
  }
}
