import type { FileRecord, FileRepair, Reason } from '@tidegate/core'
import { z } from 'zod'
import { count, instant, isoOf, maybe } from './fields.ts'

export interface FileView {
  readonly id: string
  readonly source: string
  readonly dataset: string
  readonly path: string
  readonly ordinal: number
  readonly outcome: FileRecord['outcome']
  readonly live: boolean
  readonly verdict: string
  readonly score: number | null
  readonly reasons: readonly Reason[]
  readonly bytes: number
  readonly sha256: string
  readonly modifiedAt: string
  readonly decidedAt: string
  readonly durationMs: number | null
  readonly rowsRead: number
  readonly rowsLoaded: number
  readonly rowsRejected: number
  readonly rowsDropped: number
  readonly rowsReplayed: number
  readonly rowsDiscarded: number
  readonly rowsSuperseded: number
  readonly duplicateOf: string | null
  readonly repair:
    | (Pick<FileRepair, 'status' | 'confidence' | 'rowsLost' | 'cellsNulled'> & { readonly codes: readonly string[] })
    | null
  readonly run: string
  readonly batch: string
}

export const reasonSchema: z.ZodType<Reason> = z
  .object({
    check: z.string().meta({ description: 'Id of the check, or code of a finding such as `PQ105`.' }),
    severity: z.enum(['critical', 'warning', 'info']),
    message: z.string(),
    failedRows: z.int().min(0).optional(),
  })
  .meta({ id: 'Reason', description: 'Why a file or some of its rows were not admitted.' })

export const fileSchema: z.ZodType<FileView> = z
  .object({
    id: z.string().meta({ examples: ['orders/2026/a.parquet#1'] }),
    source: z.string(),
    dataset: z.string(),
    path: z.string().meta({ description: "Below the source's fixed root." }),
    ordinal: z.int().min(1).meta({ description: 'Of the version: 1 for the first content seen at this path.' }),
    outcome: z.enum(['loaded', 'held', 'skipped']),
    live: z.boolean().meta({ description: 'Its rows are in the target now.' }),
    verdict: z.string(),
    score: maybe(z.number()).meta({ description: '0 to 100; null where no check was evaluated.' }),
    reasons: z.array(reasonSchema),
    bytes: count('Size.'),
    sha256: z.string(),
    modifiedAt: instant('As its store says.'),
    decidedAt: instant('When its batch was committed.'),
    durationMs: maybe(z.number()).meta({ description: 'What it took to check and load it, where that was measured.' }),
    rowsRead: count('Rows in the file; = loaded + rejected + replayed + discarded + dropped.'),
    rowsLoaded: count('Rows that came in when it was judged.'),
    rowsRejected: count('Rows in quarantine now.'),
    rowsDropped: count('Rows that a rule of the source left out.'),
    rowsReplayed: count('Rows that came in later, out of quarantine.'),
    rowsDiscarded: count('Rows that a person gave up.'),
    rowsSuperseded: count('Of the rows that came in, those that later batches took away.'),
    duplicateOf: maybe(z.string()).meta({ description: 'Of a skipped one: the file with the same bytes.' }),
    repair: maybe(
      z.object({
        status: z.enum(['repaired', 'partial']),
        codes: z.array(z.string()),
        confidence: z.enum(['proven', 'strong', 'weak']),
        rowsLost: z.union([z.int().min(0), z.literal('unknown')]),
        cellsNulled: z.int().min(0),
      }),
    ),
    run: z.string(),
    batch: z.string(),
  })
  .meta({ id: 'File', description: 'One version of one file, and what became of it.' })

/** Without what the state may hold beside. */
export function toReason({ check, severity, message, failedRows }: Reason): Reason {
  return { check, severity, message, ...(failedRows === undefined ? {} : { failedRows }) }
}

export function toFile(file: FileRecord): FileView {
  const { repair } = file
  return {
    id: file.id,
    source: file.source,
    dataset: file.dataset,
    path: file.path,
    ordinal: file.ordinal,
    outcome: file.outcome,
    live: file.live,
    verdict: file.verdict,
    score: file.score,
    reasons: file.reasons.map((reason) => toReason(reason)),
    bytes: file.bytes,
    sha256: file.hash,
    modifiedAt: isoOf(Math.trunc(file.modifiedAtMs)),
    decidedAt: isoOf(file.decidedAtMs),
    durationMs: file.durationMs,
    rowsRead: file.rowsRead,
    rowsLoaded: file.rowsLoaded,
    rowsRejected: file.rowsRejected,
    rowsDropped: file.rowsDropped,
    rowsReplayed: file.rowsReplayed ?? 0,
    rowsDiscarded: file.rowsDiscarded ?? 0,
    rowsSuperseded: file.rowsSuperseded ?? 0,
    duplicateOf: file.duplicateOf,
    repair:
      repair === undefined
        ? null
        : {
            status: repair.status,
            codes: [...repair.codes],
            confidence: repair.confidence,
            rowsLost: repair.rowsLost,
            cellsNulled: repair.cellsNulled,
          },
    run: file.run,
    batch: file.batch,
  }
}
