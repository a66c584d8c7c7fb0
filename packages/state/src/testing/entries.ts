import { fileVersionId, type LedgerEntry, type LedgerFile, type LedgerPart } from '@tidegate/core'

/** A ledger entry with one loaded file per path, and a part for each. What is given stands. */
export function makeEntry(seq: number, paths: readonly string[] = [], given: Partial<LedgerEntry> = {}): LedgerEntry {
  const source = given.source ?? 'flights'
  const files = paths.map((path) => makeFile({ path }, source))
  return {
    format: 1,
    seq,
    batch: `batch-${String(seq)}`,
    run: `run-${String(seq)}`,
    attempt: 1,
    fence: 1,
    source,
    dataset: 'flights',
    committedAt: new Date(1_000_000 + seq * 1000).toISOString(),
    files,
    add: files.map((file) => makePart(`part-${String(seq)}-${file.path}`, [file.id])),
    remove: [],
    rejected: [],
    consumes: [],
    schema: { id: 'schema-1', columns: [{ name: 'delay', type: 'BIGINT' }] },
    ...given,
  }
}

export function makeFile(given: Partial<LedgerFile> & { readonly path: string }, source = 'flights'): LedgerFile {
  const ordinal = given.ordinal ?? 1
  return {
    id: fileVersionId(source, given.path, ordinal),
    ordinal,
    uri: `/landing/${given.path}`,
    stamp: `100:1:1:${String(ordinal)}`,
    bytes: 100,
    modifiedAtMs: 900_000,
    hash: `hash of ${given.path} ${String(ordinal)}`,
    outcome: 'loaded',
    rowsRead: 10,
    rowsLoaded: 10,
    rowsRejected: 0,
    rowsDropped: 0,
    score: 100,
    verdict: 'admit',
    reasons: [],
    ...given,
  }
}

export function makePart(visible: string, files: readonly string[]): LedgerPart {
  return { staged: `_tidegate/staging/${visible}.sealed`, visible, bytes: 50, rows: 10, hash: 'abc', files }
}
