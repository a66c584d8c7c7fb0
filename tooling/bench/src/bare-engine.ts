import { availableParallelism } from 'node:os'
import { DuckDBInstance } from '@duckdb/node-api'
import { memoryBudgetBytes } from '@tidegate/duckdb'

/** DuckDB as anybody would use it: in this process, no child, no checks. */
export interface BareEngine {
  /** Runs one statement; its rows as strings, numbers and bigints. */
  run(sql: string): Promise<readonly (readonly unknown[])[]>
  close(): void
}

/** Threads and memory that our own engine child gets by default (packages/project, openProject). */
export const ENGINE_LIMITS: { readonly threads: number; readonly memoryLimitBytes: number } = {
  threads: availableParallelism(),
  memoryLimitBytes: Math.floor(memoryBudgetBytes(undefined) * 0.8),
}

export async function openBareEngine(): Promise<BareEngine> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(ENGINE_LIMITS.threads),
    memory_limit: `${Math.floor(ENGINE_LIMITS.memoryLimitBytes / 2 ** 20)}MiB`,
  })
  const connection = await instance.connect()
  return {
    run: async (sql) => (await connection.run(sql)).getRows(),
    close() {
      connection.disconnectSync()
      instance.closeSync()
    },
  }
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
