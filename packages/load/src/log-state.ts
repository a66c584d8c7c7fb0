import { TidegateError, type FileOutcome, type FileVersionId, type LedgerEntry, type LedgerPart } from '@tidegate/core'

/** What the log says of one file version, after its newest entry. */
export interface FileFate {
  readonly outcome: FileOutcome
  /** Loaded, and no later entry took its rows away. */
  readonly live: boolean
  readonly hash: string
  /** Rows of it that the entry that judged it loaded. */
  readonly rowsLoaded: number
  /** Rows of it in the target now: loaded + replayed − superseded; 0 if it is not live. */
  readonly rows: number
  /** Visible paths of the live parts with rows of it. */
  readonly parts: readonly string[]
  readonly seq: number
}

/** A part that an entry took away: which entry, and where the part was staged. */
export interface GonePart {
  readonly seq: number
  readonly staged: string
}

/** File versions with the same bytes: one as itself, several as a set. */
export type HashHolders = FileVersionId | ReadonlySet<FileVersionId>

/** What can be asked of a table of the log, wherever it lies. */
export interface Lookup<V> {
  get(key: string): V | undefined
  has(key: string): boolean
}

export type NameLookup = Pick<Lookup<true>, 'has'>

/**
 * Everything that decides whether a further entry is allowed, and what readers should see, as questions about single keys.
 * A {@link LogState} answers them from memory, {@link openLog} also from checkpoints.
 */
export interface LogFacts {
  readonly lastSeq: number
  /** Live parts by visible path. */
  readonly parts: Lookup<LedgerPart>
  /** Parts that an entry took away, by visible path. Their names are never used again. */
  readonly gone: Lookup<GonePart>
  readonly files: Lookup<FileFate>
  /** Content hash → the file versions that are live with it; see {@link liveTwins}. */
  readonly hashes: Lookup<HashHolders>
  /** Visible paths ever given out in the quarantine folder. */
  readonly rejected: NameLookup
  readonly consumed: NameLookup
  /** Source → highest fence. */
  readonly fences: ReadonlyMap<string, number>
  /** Batch → number of its entry. */
  readonly batches: Lookup<number>
  /** Of the newest entry that has columns. */
  readonly schema: LedgerEntry['schema'] | undefined
}

/** The same, all of it in memory. */
export interface LogState extends LogFacts {
  readonly parts: ReadonlyMap<string, LedgerPart>
  readonly gone: ReadonlyMap<string, GonePart>
  readonly files: ReadonlyMap<FileVersionId, FileFate>
  readonly hashes: ReadonlyMap<string, HashHolders>
  readonly rejected: ReadonlySet<string>
  readonly consumed: ReadonlySet<string>
  readonly batches: ReadonlyMap<string, number>
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
export function foldEntry<State extends LogFacts>(used: State, entry: LedgerEntry): State {
  if (entry.seq !== used.lastSeq + 1) {
    throw new TidegateError('LEDGER_CORRUPT', `Entry ${entry.seq} follows entry ${used.lastSeq} in the log.`)
  }
  const state = used as unknown as OpenFacts
  for (const visible of entry.remove) removePart(state, visible, entry.seq)
  for (const file of entry.files) {
    if (file.replaces !== undefined) takeAway(state, file.replaces)
    const parts = takeAway(state, file.id)?.parts ?? []
    const live = file.outcome === 'loaded'
    if (live) addHash(state, file.hash, file.id)
    const { outcome, hash, rowsLoaded } = file
    state.files.set(file.id, { outcome, live, hash, rowsLoaded, rows: live ? rowsLoaded : 0, parts, seq: entry.seq })
  }
  for (const { file, rows } of entry.superseded ?? []) addRows(state, file, -rows)
  for (const { file, rowsLoaded } of entry.replays ?? []) addRows(state, file, rowsLoaded)
  for (const part of entry.add) addPart(state, part)
  for (const part of entry.rejected) state.rejected.add(part.visible)
  for (const record of entry.consumes) state.consumed.add(record)
  state.fences.set(entry.source, Math.max(entry.fence, state.fences.get(entry.source) ?? 0))
  state.batches.set(entry.batch, entry.seq)
  const schema = entry.schema.columns.length > 0 ? entry.schema : used.schema
  return { ...used, lastSeq: entry.seq, schema }
}

/** File versions that are live with these bytes. */
export function liveTwins(state: LogFacts, hash: string): Iterable<FileVersionId> {
  const holders = state.hashes.get(hash) ?? []
  return typeof holders === 'string' ? [holders] : holders
}

/** A table that takes changes. What `get` gave is changed only to be set again. */
interface OpenTable<V> {
  get(key: string): V | undefined
  set(key: string, value: V): unknown
  delete(key: string): unknown
}

interface OpenNames {
  add(key: string): unknown
}

interface OpenFacts {
  readonly parts: OpenTable<LedgerPart>
  readonly gone: OpenTable<GonePart>
  readonly files: OpenTable<FileFate>
  readonly hashes: OpenTable<FileVersionId | Set<FileVersionId>>
  readonly rejected: OpenNames
  readonly consumed: OpenNames
  readonly fences: Map<string, number>
  readonly batches: OpenTable<number>
}

/** Its rows are gone. Returns what was known of it. */
function takeAway(state: OpenFacts, id: FileVersionId): FileFate | undefined {
  const fate = state.files.get(id)
  if (fate === undefined || !fate.live) return fate
  state.files.set(id, { ...fate, live: false, rows: 0 })
  dropHash(state, fate.hash, id)
  return fate
}

/** Bytes of which every row was superseded are not in the target any more: whoever brings them again loads them. */
function addRows(state: OpenFacts, id: FileVersionId, rows: number): void {
  const fate = state.files.get(id)
  if (fate === undefined || rows === 0) return
  const left = fate.rows + rows
  state.files.set(id, { ...fate, rows: left })
  if (!fate.live) return
  if (left === 0) dropHash(state, fate.hash, id)
  else if (fate.rows === 0) addHash(state, fate.hash, id)
}

function dropHash(state: OpenFacts, hash: string, id: FileVersionId): void {
  const holders = state.hashes.get(hash)
  if (typeof holders === 'object') holders.delete(id)
  if (holders === id || (typeof holders === 'object' && holders.size === 0)) state.hashes.delete(hash)
  else if (typeof holders === 'object') state.hashes.set(hash, holders)
}

/** One id as itself, several as a set: nearly every hash has one, and a million sets would be a waste. */
function addHash(state: OpenFacts, hash: string, id: FileVersionId): void {
  const holders = state.hashes.get(hash)
  if (holders === undefined || holders === id) state.hashes.set(hash, id)
  else state.hashes.set(hash, typeof holders === 'string' ? new Set([holders, id]) : holders.add(id))
}

function removePart(state: OpenFacts, visible: string, seq: number): void {
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

function addPart(state: OpenFacts, part: LedgerPart): void {
  state.parts.set(part.visible, part)
  for (const id of part.files) {
    const fate = state.files.get(id)
    if (fate !== undefined) state.files.set(id, { ...fate, parts: [...fate.parts, part.visible] })
  }
}
