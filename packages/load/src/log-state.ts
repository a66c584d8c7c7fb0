import { TidegateError, type FileOutcome, type FileVersionId, type LedgerEntry, type LedgerPart } from '@tidegate/core'

/** What the log says of one file version, after its newest entry. */
export interface FileFate {
  readonly outcome: FileOutcome
  /** Loaded, and no later entry took its rows away. */
  readonly live: boolean
  readonly hash: string
  /** Rows of it in the target, by the entry that loaded it. */
  readonly rowsLoaded: number
  /** Visible paths of the live parts with rows of it. */
  readonly parts: readonly string[]
  readonly seq: number
}

/** Everything that decides whether a further entry is allowed, and what readers should see. */
export interface LogState {
  readonly lastSeq: number
  /** Live parts by visible path. */
  readonly parts: ReadonlyMap<string, LedgerPart>
  /** Parts that an entry took away, by visible path. Their names are never used again. */
  readonly gone: ReadonlyMap<string, { readonly seq: number; readonly staged: string }>
  readonly files: ReadonlyMap<FileVersionId, FileFate>
  /** Content hash → the file versions that are live with it; see {@link liveTwins}. */
  readonly hashes: ReadonlyMap<string, FileVersionId | ReadonlySet<FileVersionId>>
  /** Visible paths ever given out in the quarantine folder. */
  readonly rejected: ReadonlySet<string>
  readonly consumed: ReadonlySet<string>
  /** Source → highest fence. */
  readonly fences: ReadonlyMap<string, number>
  /** Batch → number of its entry. */
  readonly batches: ReadonlyMap<string, number>
  /** Of the newest entry that has columns. */
  readonly schema: LedgerEntry['schema'] | undefined
}

export function emptyLogState(): LogState {
  return {
    lastSeq: 0,
    parts: new Map(),
    gone: new Map(),
    files: new Map(),
    hashes: new Map(),
    rejected: new Set(),
    consumed: new Set(),
    fences: new Map(),
    batches: new Map(),
    schema: undefined,
  }
}

/** The state after these entries, which must be the log's first ones in order. Pure. */
export function foldEntries(entries: Iterable<LedgerEntry>): LogState {
  let state = emptyLogState()
  for (const entry of entries) state = foldEntry(state, entry)
  return state
}

/**
 * The state after one more entry. No I/O and no clock, but the state given is used up: its maps are carried over and
 * changed, because copying a million file versions for each commit would make the log quadratic. Keep only the result.
 *
 * @throws LEDGER_CORRUPT if the entry is not the next one
 */
export function foldEntry(used: LogState, entry: LedgerEntry): LogState {
  if (entry.seq !== used.lastSeq + 1) {
    throw new TidegateError('LEDGER_CORRUPT', `Entry ${entry.seq} follows entry ${used.lastSeq} in the log.`)
  }
  const schema = entry.schema.columns.length > 0 ? entry.schema : used.schema
  const state = { ...(used as unknown as OpenState), lastSeq: entry.seq, schema }
  for (const visible of entry.remove) removePart(state, visible, entry.seq)
  for (const file of entry.files) {
    if (file.replaces !== undefined) takeAway(state, file.replaces)
    takeAway(state, file.id)
    const live = file.outcome === 'loaded'
    if (live) addHash(state, file.hash, file.id)
    const { outcome, hash, rowsLoaded } = file
    const parts = state.files.get(file.id)?.parts ?? []
    state.files.set(file.id, { outcome, live, hash, rowsLoaded, parts, seq: entry.seq })
  }
  for (const part of entry.add) addPart(state, part)
  for (const part of entry.rejected) state.rejected.add(part.visible)
  for (const record of entry.consumes) state.consumed.add(record)
  state.fences.set(entry.source, Math.max(entry.fence, state.fences.get(entry.source) ?? 0))
  state.batches.set(entry.batch, entry.seq)
  return state
}

/** File versions that are live with these bytes. */
export function liveTwins(state: LogState, hash: string): Iterable<FileVersionId> {
  const holders = state.hashes.get(hash) ?? []
  return typeof holders === 'string' ? [holders] : holders
}

interface OpenState {
  readonly parts: Map<string, LedgerPart>
  readonly gone: Map<string, { readonly seq: number; readonly staged: string }>
  readonly files: Map<FileVersionId, FileFate>
  readonly hashes: Map<string, FileVersionId | Set<FileVersionId>>
  readonly rejected: Set<string>
  readonly consumed: Set<string>
  readonly fences: Map<string, number>
  readonly batches: Map<string, number>
}

function takeAway(state: OpenState, id: FileVersionId): void {
  const fate = state.files.get(id)
  if (fate === undefined || !fate.live) return
  state.files.set(id, { ...fate, live: false })
  const holders = state.hashes.get(fate.hash)
  if (holders === id) state.hashes.delete(fate.hash)
  else if (typeof holders === 'object') holders.delete(id)
}

/** One id as itself, several as a set: nearly every hash has one, and a million sets would be a waste. */
function addHash(state: OpenState, hash: string, id: FileVersionId): void {
  const holders = state.hashes.get(hash)
  if (holders === undefined) state.hashes.set(hash, id)
  else if (typeof holders === 'string') state.hashes.set(hash, new Set([holders, id]))
  else holders.add(id)
}

function removePart(state: OpenState, visible: string, seq: number): void {
  const part = state.parts.get(visible)
  if (part === undefined) {
    throw new TidegateError('LEDGER_CORRUPT', `Entry ${seq} removes ${visible}, which is not live before it.`)
  }
  state.parts.delete(visible)
  state.gone.set(visible, { seq, staged: part.staged })
  for (const id of part.files) {
    const fate = state.files.get(id)
    if (fate !== undefined) state.files.set(id, { ...fate, parts: fate.parts.filter((name) => name !== visible) })
  }
}

function addPart(state: OpenState, part: LedgerPart): void {
  state.parts.set(part.visible, part)
  for (const id of part.files) {
    const fate = state.files.get(id)
    if (fate !== undefined) state.files.set(id, { ...fate, parts: [...fate.parts, part.visible] })
  }
}
