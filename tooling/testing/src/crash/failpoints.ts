import type { TargetKind } from '@tidegate/core'
import type { KillOrder, Moment } from './kill-run.ts'

export type StateKind = 'sqlite' | 'postgres'

/** Where a run dies, and what else is special about the cell. Numbers K01 to K25 are those of the design. */
export interface Failpoint {
  readonly id: string
  /** What has been done and what has not, in words. */
  readonly what: string
  /** The moment, or why there is none. */
  readonly order: (cell: CellKind) => KillOrder | NotApplicable
  /** Rows of the file that is under way; many where the moment lies within reading or writing it. */
  readonly rows?: number
  readonly newColumn?: boolean
  /** The source moves files into an archive once they are loaded. */
  readonly archive?: boolean
  /**
   * What is killed, where it is not an ingestion of new files: `quarantine replay` after the contracts were loosened, or
   * `maintain` long after the files of a round took the place of others.
   */
  readonly act?: 'replay' | 'maintain'
  /** The clock of the run that is killed is off by this. */
  readonly clockMs?: number
  /** Loses the state database after the kill. */
  readonly dropState?: boolean
  /** Loses the state database before the run that is killed. */
  readonly dropStateBefore?: boolean
  /** What was not synced is lost: all of it, or a part drawn by the cell's seed. */
  readonly lost?: 'all' | 'some'
  /** Recovery is killed at each of its steps in turn, and not at one only. */
  readonly everyRecoveryStep?: boolean
}

export interface CellKind {
  readonly kind: TargetKind
  readonly state: StateKind
  /** Absolute. */
  readonly directory: string
}

export interface NotApplicable {
  readonly on: 'never'
  readonly why: string
}

/** Enough that reading them takes a moment. */
const MANY_ROWS = 200_000
/** Enough for several row groups: part of a file reaches the disk before its footer. */
const SEVERAL_GROUPS = 400_000
const DAY_MS = 86_400_000

const never = (why: string): NotApplicable => ({ on: 'never', why })
const at = (phase: string, nth = 1): Extract<Moment, { on: 'phase' }> => ({ on: 'phase', phase, nth })
const isSql = (kind: TargetKind): boolean => kind === 'duckdb' || kind === 'postgres'
const GATE = 'a gate keeps no rows of its own'
const ONE_TRANSACTION = 'rows and entry are one transaction: nothing is published after it'

function ofFolders(moment: Moment): Failpoint['order'] {
  return ({ kind }) => (isSql(kind) ? never(ONE_TRANSACTION) : moment)
}

export const FAILPOINTS: readonly Failpoint[] = [
  { id: 'K01', what: 'the lease is taken, nothing else is done', order: () => at('leased') },
  {
    id: 'K02',
    what: 'the first of several folders is listed',
    order: ({ directory }) => ({ on: 'fs', op: 'readdir', path: `${directory}/landing/`, nth: 1, at: 'after' }),
  },
  { id: 'K02b', what: 'all is listed, nothing is recovered', order: () => at('listed') },
  { id: 'K03', what: 'a batch is pinned', order: () => at('pinned') },
  { id: 'K03b', what: 'the batches of two datasets are pinned', order: () => at('pinned', 2) },
  {
    id: 'K04',
    what: 'the engine is reading a landing file',
    order: ({ directory }) => ({ on: 'open', below: `${directory}/landing/` }),
    rows: MANY_ROWS,
  },
  { id: 'K04b', what: 'all checks are answered, nothing is written', order: () => at('checked') },
  {
    id: 'K05',
    what: 'a part is being written: its file is there, its footer is not',
    order: ({ kind, directory }) =>
      kind === 'none'
        ? never(GATE)
        : { on: 'file', below: `${directory}/${isSql(kind) ? '.tidegate/staging' : 'lake'}` },
    rows: SEVERAL_GROUPS,
  },
  {
    id: 'K06',
    what: 'one of several parts is written',
    order: ({ kind }) => (kind === 'none' ? never(GATE) : at('part-written')),
  },
  {
    id: 'K07',
    what: 'rejected rows are written, the good rows of the file are not',
    order: () => at('rejected-written'),
  },
  { id: 'K07b', what: 'a held file is copied', order: () => at('original-copied') },
  {
    id: 'K08',
    what: 'parts are written and not synced, and what was not synced is lost',
    order: ({ kind }) => (kind === 'none' ? at('rejected-written', 2) : at('part-written', 2)),
    lost: 'all',
  },
  { id: 'K09', what: 'everything is sealed (verified, synced)', order: () => at('sealed') },
  { id: 'K09b', what: 'the sources were looked at again, the commit begins', order: () => at('staged') },
  {
    id: 'K10',
    what: 'the commit is prepared: the attempt is claimed, in Delta its manifest is sealed; rows are in the transaction',
    order: ({ kind }) => at(kind === 'delta' ? 'manifest-sealed' : isSql(kind) ? 'rows-copied' : 'attempt-claimed'),
  },
  {
    id: 'K11',
    what: 'one of several parts has its place (Delta: before the commit)',
    order: ({ kind }) => (isSql(kind) ? at('published-one') : at(kind === 'delta' ? 'part-placed' : 'published-one')),
  },
  {
    id: 'K12',
    what: 'parts have their places, their folders are not synced, and what was not synced is lost',
    order: ({ kind }) => at(kind === 'delta' ? 'part-placed' : 'published-one', 2),
    lost: 'all',
  },
  {
    id: 'K13',
    what: 'the entry is written under a temporary name (SQL: inside the transaction)',
    order: ({ kind }) => at(isSql(kind) ? 'entry-inserted' : 'entry-temp-written'),
  },
  { id: 'K14', what: 'committed and durable, not published, not indexed', order: () => at('entry-durable') },
  { id: 'K14b', what: 'the entry has its name, its folder is not synced', order: ofFolders(at('entry-linked')) },
  {
    id: 'K14c',
    what: 'the same, and what was not synced is lost',
    order: ofFolders(at('entry-linked')),
    lost: 'all',
  },
  {
    id: 'K14d',
    what: 'committed, not published, and the state is lost',
    order: () => at('entry-durable'),
    dropState: true,
  },
  {
    id: 'K15',
    what: 'COMMIT is sent, its answer never comes',
    order: ({ kind }) =>
      kind === 'postgres'
        ? { on: 'sql', like: '^\\s*commit', nth: 1, at: 'sent' }
        : never('no answer can get lost: the commit is a call of the local file system'),
  },
  {
    id: 'K16',
    what: 'inside the transaction that indexes the entry',
    order: () => ({ on: 'sql', like: 'insert into .*file_version', nth: 1, at: 'after' }),
  },
  { id: 'K17', what: 'indexed, the checks are not recorded', order: () => at('indexed') },
  { id: 'K17b', what: 'the run is closed, its notices are not sent', order: () => at('closed') },
  { id: 'R1', what: 'retired, not published: the old rows are gone, the new ones not there', order: retired },
  { id: 'R2', what: 'the same, and the state is lost', order: retired, dropState: true },
  { id: 'R3', what: 'the same, and what was not synced is lost', order: retired, lost: 'all' },
  { id: 'R4', what: 'published, not indexed', order: () => at('published', 3) },
  { id: 'R5', what: 'published, not indexed, and the state is lost', order: () => at('published', 3), dropState: true },
  {
    id: 'K18',
    what: 'a loaded file is in the archive and still in the landing zone',
    order: ({ directory }) => ({ on: 'fs', op: 'link', path: `${directory}/landing/`, nth: 1, at: 'after' }),
    archive: true,
  },
  {
    id: 'K18b',
    what: 'a loaded file is about to be moved into the archive',
    order: ({ directory }) => ({ on: 'fs', op: 'link', path: `${directory}/landing/`, nth: 2, at: 'before' }),
    archive: true,
  },
  { id: 'K19', what: 'in the middle of a compaction', order: () => never('there is no compaction') },
  {
    id: 'K20',
    what: 'maintain has deleted one of the parts that were replaced long ago',
    act: 'maintain',
    order: ({ kind }) =>
      kind === 'parquet'
        ? { on: 'fs', op: 'unlink', path: '/_tidegate/retired/', nth: 1, at: 'after' }
        : never(kind === 'none' ? GATE : 'no part is kept after its rows were taken away'),
  },
  {
    id: 'K20b',
    what: 'maintain has deleted one of the rejected parts of versions that were replaced long ago',
    act: 'maintain',
    order: ({ kind }) =>
      kind === 'delta'
        ? never('a table that is only added to keeps all versions, and so what was rejected of them')
        : { on: 'fs', op: 'rm', path: '/quarantine/', nth: 1, at: 'after' },
  },
  {
    id: 'K21',
    what: 'committed, not published; then recovery is killed at each of its steps',
    order: () => at('entry-durable'),
    everyRecoveryStep: true,
  },
  {
    id: 'K21b',
    what: 'sealed, not committed; then recovery is killed at each of its steps',
    order: () => at('sealed'),
    everyRecoveryStep: true,
  },
  {
    id: 'K22',
    what: 'a new column came, and its schema is being written down',
    order: () => ({ on: 'sql', like: 'insert into .*schema_version', nth: 1, at: 'after' }),
    newColumn: true,
  },
  {
    id: 'K23',
    what: 'in the first migration of a state that is made anew, after it was lost',
    order: () => ({ on: 'sql', like: 'create table', nth: 1, at: 'after' }),
    dropStateBefore: true,
  },
  {
    id: 'K23b',
    what: 'in a later migration: the tables have an older version',
    order: () => ({ on: 'sql', like: 'alter table', nth: 1, at: 'after' }),
    dropStateBefore: true,
  },
  { id: 'K24', what: 'several datasets in flight: one is sealed, the other on its way', order: () => at('sealed', 2) },
  { id: 'K25', what: 'SIGTERM, then SIGKILL at the next step', order: () => ({ ...at('checked'), before: 'SIGTERM' }) },
  {
    id: 'Q1',
    what: 'a replay from quarantine has staged its rows',
    act: 'replay',
    order: ({ kind }) => (kind === 'none' ? never(GATE) : at('staged')),
  },
  {
    id: 'Q2',
    what: 'the entry of a replay is durable',
    act: 'replay',
    order: ({ kind }) => (kind === 'none' ? never(GATE) : at('entry-durable')),
  },
  {
    id: 'Q3',
    what: 'the rows of a replay are published and not indexed',
    act: 'replay',
    order: ({ kind }) => (kind === 'none' ? never(GATE) : { ...at('published'), after: 'entry-durable' }),
  },
  { id: 'T1', what: 'committed, by a clock that is a day ahead', order: () => at('entry-durable'), clockMs: DAY_MS },
  { id: 'T2', what: 'sealed, by a clock that is a day behind', order: () => at('sealed'), clockMs: -DAY_MS },
  {
    id: 'L1',
    what: 'everything is sealed, and some of what was not synced is lost',
    order: () => at('sealed'),
    lost: 'some',
  },
  {
    id: 'L2',
    what: 'committed, and some of what was not synced is lost',
    order: () => at('entry-durable'),
    lost: 'some',
  },
  {
    id: 'L3',
    what: 'published in part, and some of what was not synced is lost',
    order: ({ kind }) => at(kind === 'delta' ? 'entry-linked' : 'published-one', kind === 'delta' ? 1 : 3),
    lost: 'some',
  },
]

function retired({ kind }: CellKind): Moment | NotApplicable {
  if (kind === 'none') return never(GATE)
  if (kind === 'delta') return never('Delta takes rows away in the commit itself')
  if (isSql(kind)) return never(ONE_TRANSACTION)
  return at('retired-one')
}
