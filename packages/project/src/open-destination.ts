/** From a target of the configuration to the destination that serves it. Each kind is loaded when it is needed first. */
import path from 'node:path'
import type { Destination, Session, SourceConfig } from '@tidegate/core'
import { duckdbDialect, openDatabaseFile } from '@tidegate/duckdb'
import {
  openDeltaTable,
  openDuckDBTable,
  openManifestFolder,
  openParquetFolder,
  openPostgresTable,
  parseTableName,
} from '@tidegate/load'
import { fillPath } from '@tidegate/pipeline'

export interface DestinationOptions {
  /** A session of the engine; opened only for what cannot be told without one. Closed with the destination. */
  readonly openSession: () => Promise<Session>
  /** Absolute folder where rows for databases are staged. The engine may write there. */
  readonly workDirectory: string
  /** Folders that `liveRows` may be told to write to. */
  readonly scratch?: readonly string[] | undefined
  /** For the database of a target of kind duckdb, in this process. @defaultValue the engine's own */
  readonly memoryLimitBytes?: number | undefined
  /** Parts that the log lists and that are not there: an error, or only reported. @defaultValue 'fail' */
  readonly onMissing?: 'fail' | 'report' | undefined
  readonly mark?: ((phase: string, detail: Readonly<Record<string, string>>) => void) | undefined
  /** Unix milliseconds. @defaultValue Date.now */
  readonly nowMs?: (() => number) | undefined
}

/** Where the admitted rows of a dataset go: `source.target`. Opening changes nothing. Whoever opens it closes it. */
export async function openDestination(
  source: SourceConfig,
  dataset: string,
  options: DestinationOptions,
): Promise<Destination> {
  const { target } = source
  const place = fillPath(target.path, source.name, dataset)
  const quarantineDirectory = source.quarantine.path
  const detail = { source: source.name, dataset, target: target.name }
  const mark = (phase: string, more?: Readonly<Record<string, string>>): void =>
    options.mark?.(phase, { ...detail, ...more })
  const { onMissing } = options
  switch (target.kind) {
    case 'parquet':
      return openParquetFolder({ directory: place, quarantineDirectory, onMissing, mark })
    case 'none':
      return openManifestFolder({ directory: place, quarantineDirectory, onMissing, mark })
    case 'delta': {
      const session = lazySession(options.openSession)
      const table = await openDeltaTable({
        directory: place,
        quarantineDirectory,
        session,
        // A table of several sources: what another one sealed is its own to settle.
        source: source.name,
        onMissing,
        mark,
        now: options.nowMs,
      })
      return { ...table, close: () => session.close() }
    }
    case 'duckdb': {
      const { workDirectory, memoryLimitBytes } = options
      return openDuckDBTable({
        file: place,
        table: parseTableName(fillPath(target.table, source.name, dataset)),
        openSession: () =>
          openDatabaseFile(place, {
            memoryLimitBytes,
            tempDirectory: path.join(workDirectory, 'spill'),
            allowedDirectories: [path.dirname(place), workDirectory, ...(options.scratch ?? [])],
          }),
        workDirectory,
        quarantineDirectory,
        source: source.name,
        onMissing,
        mark,
      })
    }
    case 'postgres':
      return openPostgresTable({
        url: place,
        table: parseTableName(fillPath(target.table, source.name, dataset)),
        workDirectory: options.workDirectory,
        quarantineDirectory,
        source: source.name,
        onMissing,
        mark,
      })
  }
}

/** A session that is opened with its first statement: most runs need none for the log of a Delta table. */
export function lazySession(open: () => Promise<Session>): Session {
  let opened: Promise<Session> | undefined
  const session = (): Promise<Session> => (opened ??= open())
  return {
    dialect: duckdbDialect,
    query: async (sql, options) => (await session()).query(sql, options),
    fileStatistics: async (files, options) => (await session()).fileStatistics(files, options),
    close: async () => {
      const closing = opened
      opened = undefined
      // One that could not be opened needs no closing.
      const found = await closing?.catch(() => undefined)
      await found?.close()
    },
  }
}
