import type { DeltaCommit, MetaDataAction, ProtocolAction } from './actions.ts'

export interface LiveFile {
  readonly bytes: number
  /** Column → text of the value, as the protocol writes it; null for NULL. */
  readonly partitionValues: Readonly<Record<string, string | null>>
}

/** A table as of one version. The fold changes it in place: copying a million files for each commit would be quadratic. */
export interface SnapshotState {
  /** -1: there is no table. */
  version: number
  /** What tells the newest commit's file from another of its name; undefined where it was not read. */
  newest: string | undefined
  protocol: ProtocolAction | undefined
  metaData: MetaDataAction | undefined
  /** `appId` → newest version. */
  readonly txns: Map<string, number>
  /** By path as the log spells it. Undefined where the files were not asked for. */
  readonly files: Map<string, LiveFile> | undefined
  /** Paths that were removed and may still be on disk. */
  readonly tombstones: Set<string> | undefined
}

export type Snapshot = Readonly<Omit<SnapshotState, 'txns' | 'files' | 'tombstones'>> & {
  readonly txns: ReadonlyMap<string, number>
  readonly files: ReadonlyMap<string, LiveFile> | undefined
  readonly tombstones: ReadonlySet<string> | undefined
}

export function emptySnapshot(files: boolean): SnapshotState {
  return {
    version: -1,
    newest: undefined,
    protocol: undefined,
    metaData: undefined,
    txns: new Map(),
    files: files ? new Map() : undefined,
    tombstones: files ? new Set() : undefined,
  }
}

/** Replays one commit ("Action Reconciliation"): of each kind of action the newest wins. */
export function foldCommit(state: SnapshotState, commit: DeltaCommit): void {
  state.version += 1
  state.protocol = commit.protocol ?? state.protocol
  state.metaData = commit.metaData ?? state.metaData
  for (const txn of commit.txns) state.txns.set(txn.appId, txn.version)
  for (const { path } of commit.removes) {
    state.files?.delete(path)
    state.tombstones?.add(path)
  }
  for (const { path, size, partitionValues } of commit.adds) {
    state.files?.set(path, { bytes: size, partitionValues: partitionValues ?? {} })
    state.tombstones?.delete(path)
  }
}
