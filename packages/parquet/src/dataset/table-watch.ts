import type { Finding } from '@tidegate/core'

import { finding } from '../finding-codes.ts'
import type { TableFormat } from './list-folder.ts'
import { readDeltaLog, type DeltaLog } from './read-delta-log.ts'
import type { PathFinding } from './schema-watch.ts'

export interface TableWatch {
  /** The finding of a table's log; from then on files below its table are compared with it. */
  open(log: {
    readonly path: string
    readonly absolute: string
    readonly table: string
    readonly format: TableFormat
  }): Promise<Finding>
  /** Whether the table has the file; undefined: it belongs to no table, or its log does not tell. */
  isLive(path: string): boolean | undefined
  /** PQ116 if the log says another size. */
  compare(path: string, sizeBytes: number): Finding | undefined
  /** PQ116 for each file that a log lists and that was not there. */
  missing(): Generator<PathFinding>
}

interface Table {
  readonly folder: string
  readonly log: Extract<DeltaLog, { kind: 'read' }>
  readonly unseen: Set<string>
}

/** Live files that a finding names; they are counted all the same. */
const MAX_NAMED = 1000

/** Holds the live files of the Delta tables of a folder. */
export function watchTables(signal?: AbortSignal): TableWatch {
  const tables: Table[] = []
  const find = (path: string): { readonly table: Table; readonly below: string } | undefined => {
    const table = tables.findLast(({ folder }) => folder === '' || path.startsWith(`${folder}/`))
    return table && { table, below: table.folder === '' ? path : path.slice(table.folder.length + 1) }
  }
  return {
    async open({ absolute, table: folder, format }) {
      if (format !== 'delta') return otherFormat(format)
      const log = await readDeltaLog(absolute, signal)
      if (log.kind === 'read') tables.push({ folder, log, unseen: new Set(log.live.keys()) })
      return deltaTable(log)
    },
    isLive(path) {
      const found = find(path)
      return found && found.table.log.live.has(found.below)
    },
    compare(path, sizeBytes) {
      const found = find(path)
      found?.table.unseen.delete(found.below)
      const expected = found?.table.log.live.get(found.below)?.sizeBytes
      if (expected === undefined || expected === sizeBytes) return undefined
      const difference =
        sizeBytes < expected ? `${expected - sizeBytes} bytes are missing` : `it has ${sizeBytes - expected} too many`
      return finding(
        'PQ116',
        `The Delta log says that the file has ${expected} bytes, and it has ${sizeBytes}: ${difference}.`,
        { repairable: 'lossy', evidence: { expectedBytes: expected, sizeBytes } },
      )
    },
    *missing() {
      for (const { folder, unseen, log } of tables)
        for (const below of unseen)
          yield {
            path: folder === '' ? below : `${folder}/${below}`,
            finding: finding(
              'PQ116',
              `The Delta log lists the file (version ${log.version}), and it is not there: the table cannot be read.`,
              {
                severity: 'fatal',
                evidence: { expectedBytes: log.live.get(below)?.sizeBytes ?? null, sizeBytes: null },
              },
            ),
          }
    },
  }
}

const GLOB = 'A pattern such as *.parquet would also read files that were replaced or deleted'

function deltaTable(log: DeltaLog): Finding {
  if (log.kind === 'not-enough')
    return warning(
      `This is a Delta table. ${GLOB}; read it by its log. Which files are live cannot be told here: ${log.because}.`,
      { format: 'delta', because: log.because },
    )
  const live = log.live.size + log.elsewhere
  return warning(
    `This is a Delta table at version ${log.version}, with ${live} live ${live === 1 ? 'file' : 'files'}. ${GLOB}; read it by its log.` +
      (log.deletionVectors ? ' Some rows are deleted by deletion vectors, which a plain reader does not see.' : ''),
    {
      format: 'delta',
      version: log.version,
      live,
      liveFiles: [...log.live.keys()].slice(0, MAX_NAMED),
      elsewhere: log.elsewhere,
      deletionVectors: log.deletionVectors,
    },
  )
}

function otherFormat(format: 'iceberg' | 'hudi'): Finding {
  const name = format === 'iceberg' ? 'an Iceberg' : 'a Hudi'
  const metadata = format === 'iceberg' ? 'its metadata' : 'its timeline'
  return warning(`This is ${name} table. ${GLOB}; read it by ${metadata}. Which files are live cannot be told here.`, {
    format,
  })
}

function warning(message: string, evidence: NonNullable<Finding['evidence']>): Finding {
  return finding('PQ501', message, { severity: 'warn', evidence: { marker: 'table', ...evidence } })
}
