import type { FileVersionId, Reason, TidegateError } from '@tidegate/core'

/** A record of what lies in quarantine, as the state lists it. */
export interface QuarantineItem {
  /** Path below the quarantine folder; for a held file of which nothing was copied, the file version's id. */
  readonly id: string
  /** The ledger that it belongs to. */
  readonly location: string
  readonly source: string
  readonly dataset: string
  readonly file: FileVersionId
  readonly kind: 'held' | 'rows'
  readonly path: string | null
  readonly rows: number
  readonly bytes: number
  /** SHA-256 of what was put there; null when nothing was copied. */
  readonly hash: string | null
  readonly reasons: readonly Reason[]
  /** Number of the entry that made it. */
  readonly seq: number
}

/**
 * What a record is made of. `file`: a held file. `rows`: rows that broke a rule, as Parquet. `lines`: lines that could not be
 * parsed, as JSON. `lost`: the account of rows that a repair could not bring back.
 */
export type QuarantineContent = 'file' | 'rows' | 'lines' | 'lost'

export function contentOf({ kind, id }: Pick<QuarantineItem, 'kind' | 'id'>): QuarantineContent {
  if (kind === 'held') return 'file'
  if (id.endsWith('.lines.json')) return 'lines'
  return id.endsWith('.lost.json') ? 'lost' : 'rows'
}

export type QuarantineAction = 'replay' | 'release' | 'discard'

export interface QuarantineRequest {
  readonly action: QuarantineAction
  /** Id of the run, where the caller has to know it before. @defaultValue a new one */
  readonly run?: string | undefined
  /** Which of the source's open records. */
  readonly wants: (item: QuarantineItem) => boolean
  /** What the person who decided says; kept in the log. */
  readonly note?: string | undefined
  /** Rows are taken as they lie in quarantine now, also where somebody changed the file. @defaultValue false */
  readonly acceptEdits?: boolean | undefined
  /** Judges and counts, and writes nothing. @defaultValue false */
  readonly dryRun?: boolean | undefined
}

/**
 * What became of one record. `loaded`: all that it held. `partly`: some rows are rejected still, in `newRecord`. `stays`:
 * nothing of it is good now, so it was left alone. `refused`: it cannot be done; `problem` says why.
 */
export interface RecordOutcome {
  readonly record: string
  readonly location: string
  readonly source: string
  readonly dataset: string
  readonly file: FileVersionId
  readonly content: QuarantineContent
  readonly result: 'loaded' | 'partly' | 'stays' | 'discarded' | 'refused'
  readonly rowsRead: number
  readonly rowsLoaded: number
  readonly rowsRejected: number
  readonly rowsDropped: number
  readonly rowsDiscarded: number
  /** Why rows or the file are rejected still. */
  readonly reasons: readonly Reason[]
  readonly problem?: RecordProblem | undefined
  /** Where the rest is now. */
  readonly newRecord: string | null
  readonly batch: string | null
}

export interface RecordProblem {
  readonly code: string
  readonly message: string
  readonly hint?: string | undefined
}

export interface QuarantineReport {
  readonly source: string
  readonly action: QuarantineAction
  readonly run: string
  readonly dryRun: boolean
  readonly items: readonly RecordOutcome[]
}

/** An outcome before anything is known. */
export function outcomeOf(
  item: QuarantineItem,
  result: RecordOutcome['result'],
  more: Partial<RecordOutcome> = {},
): RecordOutcome {
  const { id, location, source, dataset, file, rows } = item
  return {
    record: id,
    location,
    source,
    dataset,
    file,
    content: contentOf(item),
    result,
    rowsRead: rows,
    rowsLoaded: 0,
    rowsRejected: result === 'discarded' ? 0 : rows,
    rowsDropped: 0,
    rowsDiscarded: 0,
    reasons: [],
    newRecord: null,
    batch: null,
    ...more,
  }
}

export function refused(item: QuarantineItem, error: TidegateError): RecordOutcome {
  const { code, message, hint } = error
  return outcomeOf(item, 'refused', { problem: { code, message, hint } })
}

type RowCount = 'rowsRead' | 'rowsLoaded' | 'rowsRejected' | 'rowsDropped' | 'rowsDiscarded'

export type RecordTotals = Readonly<Record<'records' | RecordOutcome['result'] | RowCount, number>>

/** Counts of what became of records, and of their rows. */
export function totalsOfRecords(items: readonly RecordOutcome[]): RecordTotals {
  const count = (result: RecordOutcome['result']): number => items.filter((item) => item.result === result).length
  const rows = (key: RowCount): number => items.reduce((sum, item) => sum + item[key], 0)
  return {
    records: items.length,
    loaded: count('loaded'),
    partly: count('partly'),
    stays: count('stays'),
    discarded: count('discarded'),
    refused: count('refused'),
    rowsRead: rows('rowsRead'),
    rowsLoaded: rows('rowsLoaded'),
    rowsRejected: rows('rowsRejected'),
    rowsDropped: rows('rowsDropped'),
    rowsDiscarded: rows('rowsDiscarded'),
  }
}
