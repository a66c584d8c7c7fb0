/** Staging for a table: Parquet parts as everywhere, and at the end what they meet in the table. */
import { join } from 'node:path'
import type { BatchRef, LedgerPart, Settlement, SettleRequest, Staging, WritePlan } from '@tidegate/core'
import { HOME } from '../layout.ts'
import { openStaging, type StagingOptions } from '../open-staging.ts'
import type { LogState } from '../log-state.ts'
import { rangesOf } from '../part-ranges.ts'
import type { SettleContext } from '../settle/settle-context.ts'
import type { SettledBatch } from './settled-batch.ts'
import { settleRows } from './settle-rows.ts'
import type { SqlConnection, SqlDatabase, StagedRejected } from './sql-database.ts'

export interface SqlStagingOptions extends Omit<StagingOptions, 'settle' | 'liveParts' | 'parts'> {
  readonly database: SqlDatabase
  /** Reads the ledger, then works with it. The connection is for a database that has live parts. */
  readonly read: <T>(work: (connection: SqlConnection, state: LogState) => Promise<T>) => Promise<T>
  /** Works on a connection, however the ledger is. */
  readonly connected: <T>(work: (connection: SqlConnection) => Promise<T>) => Promise<T>
  readonly onSettled: (batch: SettledBatch) => void
}

export async function openSqlStaging(batch: BatchRef, plan: WritePlan, options: SqlStagingOptions): Promise<Staging> {
  const { database, directory } = options
  const rejected: StagedRejected[] = []

  async function settle(
    context: SettleContext,
    parts: readonly LedgerPart[],
    request: SettleRequest,
  ): Promise<Settlement> {
    const attempt = base.directory.slice(directory.length + 1)
    const nameOf = (index: number): Pick<LedgerPart, 'visible' | 'staged'> => {
      const name = `kept-${batch.batch}-${attempt.slice(attempt.lastIndexOf('/') + 1)}-${String(index).padStart(5, '0')}`
      return { visible: name, staged: `${attempt}/${name}${KEPT}` }
    }
    const settled = await settleRows(context, parts, request, database, options.read, nameOf)
    const staged = settled.fresh.map((part) => {
      return { part, file: join(directory, part.staged), pieces: rangesOf(part), ids: undefined }
    })
    const rows = await database.convertRows(options.connected, context.session, staged)
    options.onSettled({ ...settled.batch, rows, rejected })
    return settled.settlement
  }

  const base = await openStaging(batch, { ...options, parts: true, liveParts: async () => [], settle }, plan)
  return {
    ...base,
    async stageRejectedRows(session, select, part, query) {
      const staged = await base.stageRejectedRows(session, select, part, query)
      const own = { visible: staged.visible, file: staged.file, path: join(directory, staged.staged) }
      if (staged.rows > 0) rejected.push(await database.convertRejected(session, own))
      return staged
    },
  }
}

const KEPT = '.kept'

/** True for the part names that stand for rows which stayed in the table. */
export function isKeptPart({ staged }: Pick<LedgerPart, 'staged'>): boolean {
  return staged.startsWith(`${HOME}/staging/`) && staged.endsWith(KEPT)
}
