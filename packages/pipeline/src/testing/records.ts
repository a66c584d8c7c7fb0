import { fileVersionId, type FileRecord, type FileVersion, type SourceFile } from '@tidegate/core'

/** A file as a listing sees it. Its stamp says nothing but a name given by the test. */
export function listed(path: string, stamp: string, more: Partial<SourceFile> = {}): SourceFile {
  return { path, uri: `/landing/${path}`, stamp, sizeBytes: 100, modifiedAtMs: 0, ...more }
}

/** A version whose bytes are told by a letter. */
export function versionOf(path: string, hash: string, more: Partial<FileVersion> = {}): FileVersion {
  const ordinal = more.ordinal ?? 1
  return {
    ...listed(path, `stamp of ${hash}`),
    id: fileVersionId('s', path, ordinal),
    source: 's',
    dataset: 'd',
    ordinal,
    contentHash: hash,
    ...more,
  }
}

/** What the index knows of a version: loaded and live unless said otherwise. */
export function recordOf(path: string, ordinal: number, hash: string, more: Partial<FileRecord> = {}): FileRecord {
  const outcome = more.outcome ?? 'loaded'
  return {
    id: fileVersionId('s', path, ordinal),
    source: 's',
    dataset: 'd',
    path,
    ordinal,
    uri: `/landing/${path}`,
    stamp: `stamp of ${hash}`,
    bytes: 100,
    modifiedAtMs: 0,
    hash,
    outcome,
    live: outcome === 'loaded',
    rowsRead: 1,
    rowsLoaded: outcome === 'loaded' ? 1 : 0,
    rowsRejected: outcome === 'held' ? 1 : 0,
    rowsDropped: 0,
    score: 100,
    verdict: outcome === 'loaded' ? 'admit' : 'hold',
    reasons: [],
    duplicateOf: null,
    quarantinePath: null,
    batch: 'b',
    run: 'r',
    location: '/lake',
    seq: ordinal,
    decidedAtMs: 0,
    durationMs: null,
    ...more,
  }
}

/** Known versions by path, as the ledger gives them: oldest first. */
export function knownOf(...records: readonly FileRecord[]): ReadonlyMap<string, readonly FileRecord[]> {
  return Map.groupBy(records, (record) => record.path)
}
