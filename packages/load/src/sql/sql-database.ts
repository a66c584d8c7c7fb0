import type { ColumnSchema, FileRows, LedgerPart, Session } from '@tidegate/core'

/** One connection. Statements run one after another. */
export interface SqlConnection {
  rows(sql: string): Promise<readonly (readonly unknown[])[]>
  /** Runs an INSERT, UPDATE or DELETE; returns how many rows it touched. */
  change(sql: string): Promise<number>
  run(sql: string): Promise<void>
  close(): Promise<void>
}

export interface TableName {
  readonly schema: string
  readonly name: string
}

/** What the database says of the target table. Types as the database spells them. */
export interface TableShape {
  /** `volatile`: a table that a crash of the server empties, which the ledger would not. */
  readonly kind: 'table' | 'volatile' | 'other'
  readonly columns: readonly ColumnSchema[]
}

/** A part that was staged, on its way into the table. */
export interface StagedRows {
  readonly part: LedgerPart
  /** Absolute path of its Parquet file. */
  readonly file: string
  /** How many rows of each file version, in order; each is one part in the table. */
  readonly pieces: readonly FileRows[]
  /** Ids of the pieces where they had to be given out before the commit. */
  readonly ids: readonly number[] | undefined
}

/** Rejected rows: `row` is a JSON object, `rules` a JSON list of rule ids. */
export interface StagedRejected {
  readonly visible: string
  readonly file: string
  /** Absolute path of its Parquet file. */
  readonly path: string
}

/** Columns of rows of the batch by which rows of the table are found. */
export interface StagedKeys {
  readonly columns: readonly string[]
  /** Absolute paths of the Parquet files. */
  readonly files: readonly string[]
  /** Absolute path of a file that may be written for them. */
  readonly scratch: string
}

/** What one kind of database does in its own way. */
export interface SqlDatabase {
  readonly kind: 'duckdb' | 'postgres'
  /** See core `Destination.location`. */
  readonly location: string
  readonly table: TableName
  /** Names the table in the ledger's tables. */
  readonly tableKey: string
  /** Connections are kept until `close`; false: given back after each call, so that others may have the database. */
  readonly keepsConnection: boolean
  /** Whether counting all rows by part is cheap enough for each recovery. */
  readonly countsParts: boolean
  /** False: there is no database yet, and reading must not make one. */
  exists(): Promise<boolean>
  connect(): Promise<SqlConnection>
  identifier(name: string): string
  /** Equal for names that the database takes for the same. */
  nameKey(name: string): string
  literal(text: string): string
  /** A value that the database compares as the engine does. */
  sortable(cell: string, type: string): string
  /** Begins a transaction that waits for, or keeps out, other writers to this table. */
  begin(connection: SqlConnection): Promise<void>
  /** Makes schema and tables of the ledger. Idempotent. */
  createLedger(connection: SqlConnection): Promise<void>
  hasLedger(connection: SqlConnection): Promise<boolean>
  shape(connection: SqlConnection): Promise<TableShape | undefined>
  /** @throws TARGET_COLUMN if the database has no type for it */
  columnType(column: ColumnSchema): string
  sameType(has: string, wanted: string): boolean
  alterType(column: string, type: string): string
  /** Statements that follow CREATE TABLE. */
  readonly afterCreate: readonly string[]
  /** Turns staged rows into what the database reads, as long as the engine's session is at hand. */
  convertRows(
    connected: <T>(work: (connection: SqlConnection) => Promise<T>) => Promise<T>,
    session: Session,
    rows: readonly StagedRows[],
  ): Promise<readonly StagedRows[]>
  convertRejected(session: Session, rejected: StagedRejected): Promise<StagedRejected>
  convertKeys(session: Session, keys: StagedKeys): Promise<void>
  /** Inserts the rows of one part; `ids` has one number per piece. Returns how many rows came. */
  insertRows(connection: SqlConnection, rows: StagedRows, ids: readonly number[]): Promise<number>
  insertRejected(connection: SqlConnection, rejected: StagedRejected, batch: string, seq: number): Promise<number>
  /** A relation with the distinct keys, as text after FROM. */
  loadKeys(connection: SqlConnection, keys: StagedKeys): Promise<string>
  /** The result of a select, as text after FROM for the engine's session. */
  exportRows(
    connection: SqlConnection,
    select: string,
    columns: readonly ColumnSchema[],
    scratch: string,
    session: Session,
  ): Promise<string>
  /** Makes sure that what was committed stays after a power cut. */
  settleDisk(): Promise<void>
}
