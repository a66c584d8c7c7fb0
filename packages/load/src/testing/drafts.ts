import type { BatchRef, EntryDraft, LedgerEntry, LedgerFile, LedgerPart, RejectedPart } from '@tidegate/core'

/** A batch of source `flights`, attempt 1. */
export function batchOf(batch: string, more: Partial<BatchRef> = {}): BatchRef {
  return { batch, attempt: 1, run: `run-${batch}`, source: 'flights', dataset: 'flights', ...more }
}

/** A loaded file version of `rows` rows whose hash is its id. */
export function fileOf(id: string, rows: number, more: Partial<LedgerFile> = {}): LedgerFile {
  return {
    id,
    path: id,
    ordinal: 1,
    uri: `/landing/${id}`,
    stamp: '1:2:3:4',
    bytes: 10,
    modifiedAtMs: 0,
    hash: `hash of ${id}`,
    outcome: 'loaded',
    rowsRead: rows,
    rowsLoaded: rows,
    rowsRejected: 0,
    rowsDropped: 0,
    score: 100,
    verdict: 'admit',
    reasons: [],
    ...more,
  }
}

export function partOf(batch: string, name: string, rows: number, files: readonly string[]): LedgerPart {
  const staged = `_tidegate/staging/${batch}/1-abc/${name}.sealed`
  return { staged, visible: name, bytes: 100, rows, hash: `hash of ${name}`, files }
}

export function rejectedOf(batch: string, name: string, file: string): RejectedPart {
  const staged = `_tidegate/staging/${batch}/1-abc/${name}.sealed`
  return { kind: 'reasons', staged, visible: name, bytes: 7, rows: 0, hash: `hash of ${name}`, file }
}

export function draftOf(batch: string, more: Partial<EntryDraft> = {}): EntryDraft {
  return {
    batch: batchOf(batch),
    fence: 1,
    committedAt: '2026-01-31T00:00:00.000Z',
    files: [],
    add: [],
    remove: [],
    rejected: [],
    consumes: [],
    schema: { id: 'v1', columns: [{ name: 'x', type: 'BIGINT' }] },
    refuseDuplicateContent: false,
    ...more,
  }
}

/** A draft that loads these file versions (id → rows) in one part. */
export function loadOf(batch: string, files: Readonly<Record<string, number>>): EntryDraft {
  const loaded = Object.entries(files).map(([id, rows]) => fileOf(id, rows))
  const rows = loaded.reduce((sum, file) => sum + file.rowsLoaded, 0)
  return draftOf(batch, { files: loaded, add: [partOf(batch, `part-${batch}.parquet`, rows, Object.keys(files))] })
}

export function entryOf(seq: number, draft: EntryDraft): LedgerEntry {
  const { batch: ref, refuseDuplicateContent: _, watermark, ...rest } = draft
  return { format: 1, seq, ...ref, ...rest, ...(watermark === undefined ? {} : { watermark }) }
}
