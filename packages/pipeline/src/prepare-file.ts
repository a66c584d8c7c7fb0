import { createHash } from 'node:crypto'
import path from 'node:path'
import {
  isTidegateError,
  type ColumnSchema,
  type Contract,
  type Diagnosis,
  type FileFormat,
  type FileRepair,
  type FileVersion,
  type ReadOptions,
  type Reason,
  type Relation,
  type Session,
  type SourceConfig,
} from '@tidegate/core'
import {
  convertText,
  convertedRelation,
  describeParquet,
  diagnoseFile,
  parquetRelation,
  resolveReadOptions,
  type RejectedLine,
} from '@tidegate/parquet'
import { mayBeRepaired, reasonOf, reasonsOf } from './decide-repair.ts'
import type { PipelineEffects } from './effects.ts'
import { fitRelation, type FileFit } from './fit-columns.ts'
import type { InspectPages } from './inspect-pages.ts'
import { changesValues, storedType } from './stored-types.ts'
import type { RepairDesk, RepairOutcome } from './repair-desk.ts'

/** A file ready to be scanned, or the findings that say why it cannot be. */
export type PreparedFile =
  | {
      readonly kind: 'readable'
      readonly version: FileVersion
      readonly columns: readonly ColumnSchema[]
      /** Rows and rejected lines together (invariant 3: lost before reading counts as read). */
      readonly rowsRead: number
      readonly rejectedLines: readonly RejectedLine[]
      readonly rejectedCount: number
      /** What the engine opens: the file itself, or its converted form in the work folder. */
      readonly scan: string
      readonly converted: boolean
      /** The engine has not opened it yet: its columns are those of another file with the same schema. */
      readonly unopened?: true | undefined
      /** How a text file was read: what a contract pins. Undefined for Parquet. */
      readonly read?: ReadOptions | undefined
      /** How its columns were fitted to hints and dataset; `columns` are those after it. */
      readonly fit?: FileFit | undefined
      /** With it `scan` is a repaired copy, and `rejectedCount` the rows that could not be brought back. */
      readonly repaired?: { readonly repair: FileRepair; readonly note: Reason } | undefined
    }
  | { readonly kind: 'unreadable'; readonly version: FileVersion; readonly reasons: readonly Reason[] }

export type PrepareEffects = Pick<PipelineEffects, 'store' | 'signal'> & {
  /** Where damaged files are brought. Undefined: they stay unreadable. */
  readonly repairs?: RepairDesk | undefined
  /** Looks into the pages of Parquet files before their rows are read. Undefined: nobody does. */
  readonly inspect?: InspectPages | undefined
  /** What was found while the bytes were hashed. */
  readonly glance?: Glance | undefined
  /** The columns of Parquet files, so that the engine is asked once for files of equal schemas. */
  readonly columns?: ColumnsBySchema | undefined
}

/** What is known of this very version's bytes, if they are sound Parquet. */
export type Glance = (version: FileVersion) => SoundParquet | undefined

/** Columns by `Diagnosis.schemaKey`. */
export type ColumnsBySchema = Map<string, Promise<readonly ColumnSchema[]>>

/** A Parquet file without any finding. */
export interface SoundParquet {
  readonly rows: number
  readonly schemaKey: string | undefined
}

/** Without hints and evolution the files speak for themselves. */
export type PrepareSource = Pick<SourceConfig, 'format' | 'options'> &
  Partial<Pick<SourceConfig, 'schemaHints' | 'schemaEvolution'>>

/** Diagnoses one file and, for text formats, converts it into typed Parquet. Bad bytes are a value, not an exception. */
export async function prepareFile(
  version: FileVersion,
  source: PrepareSource,
  contract: Contract | undefined,
  session: Session,
  workFolder: string,
  effects: PrepareEffects,
): Promise<PreparedFile> {
  const { repairs } = effects
  const before = repairs?.known(version.id)
  if (before?.kind === 'repaired') return prepareRepaired(version, before, session)
  const expected = contract?.read?.format ?? source.format
  const glanced = expected === source.format ? effects.glance?.(version) : undefined
  const diagnosis = glanced ?? soundness(await diagnose(version, expected, effects))
  if ('kind' in diagnosis) {
    const { kind, detected, findings } = diagnosis
    if (kind === 'unreadable') {
      const reasons = reasonsOf(findings)
      return repairs !== undefined && mayBeRepaired(diagnosis)
        ? prepareDamaged(version, reasons, session, repairs)
        : { kind: 'unreadable', version, reasons }
    }
    if (detected !== 'parquet')
      return prepareText(version, expected, source, contract, session, workFolder, effects.signal)
  }
  const silent = (await effects.inspect?.(version)) ?? []
  if (silent.length > 0)
    return repairs === undefined
      ? { kind: 'unreadable', version, reasons: silent }
      : prepareDamaged(version, silent, session, repairs)
  const key = 'kind' in diagnosis ? undefined : diagnosis.schemaKey
  const place = { scan: version.uri, rows: diagnosis.rows ?? 0 }
  const prepared = await prepareParquet(version, place, session, columnsBy(key, effects.columns))
  const isRefused = prepared.kind === 'unreadable' && prepared.reasons.some(({ check }) => check === ENGINE_REFUSES)
  return isRefused && repairs !== undefined ? prepareDamaged(version, prepared.reasons, session, repairs) : prepared
}

/** A Parquet file about which there is nothing to say; everything else as it was found. */
export function soundness(diagnosis: Diagnosis): SoundParquet | Diagnosis {
  const { kind, detected, findings, rows, schemaKey } = diagnosis
  if (kind !== 'sound' || detected !== 'parquet' || findings.length > 0) return diagnosis
  return { rows: rows ?? 0, schemaKey }
}

interface SchemaPlace {
  readonly key: string
  readonly columns: ColumnsBySchema
}

function columnsBy(key: string | undefined, columns: ColumnsBySchema | undefined): SchemaPlace | undefined {
  return key === undefined || columns === undefined ? undefined : { key, columns }
}

/** A file that cannot be read as it is: its repaired copy, if there is one and it may be taken. */
async function prepareDamaged(
  version: FileVersion,
  reasons: readonly Reason[],
  session: Session,
  repairs: RepairDesk,
): Promise<PreparedFile> {
  const outcome = await repairs.repair(version, reasons)
  switch (outcome.kind) {
    case 'repaired':
      return prepareRepaired(version, outcome, session)
    case 'hold':
      return { kind: 'unreadable', version, reasons: outcome.reasons }
    case 'intact':
      return { kind: 'unreadable', version, reasons }
  }
}

async function prepareRepaired(
  version: FileVersion,
  { scan, rows, rowsLost, repair, note }: Extract<RepairOutcome, { kind: 'repaired' }>,
  session: Session,
): Promise<PreparedFile> {
  const prepared = await prepareParquet(version, { scan, rows }, session)
  return prepared.kind === 'unreadable'
    ? { ...prepared, reasons: [{ ...note, severity: 'critical' }, ...prepared.reasons] }
    : { ...prepared, rowsRead: rows + rowsLost, rejectedCount: rowsLost, repaired: { repair, note } }
}

async function diagnose(
  version: FileVersion,
  expected: FileFormat | 'auto',
  effects: Pick<PipelineEffects, 'store'>,
): Promise<Diagnosis> {
  const bytes = await effects.store.open(version.uri)
  try {
    return await diagnoseFile(bytes, { name: path.basename(version.path), expected, level: 'footer' })
  } finally {
    await bytes.close()
  }
}

async function prepareParquet(
  version: FileVersion,
  { scan, rows }: { readonly scan: string; readonly rows: number },
  session: Session,
  schema?: SchemaPlace,
): Promise<PreparedFile> {
  try {
    // That another file was refused says nothing of this one.
    const known = await schema?.columns.get(schema.key)?.catch(() => undefined)
    const columns = known ?? (await describe(scan, session, schema))
    return {
      kind: 'readable',
      version,
      columns,
      rowsRead: rows,
      rejectedLines: [],
      rejectedCount: 0,
      scan,
      converted: false,
      ...(known === undefined ? {} : { unopened: true as const }),
    }
  } catch (error) {
    return unreadable(version, error)
  }
}

/** The engine refuses a file, not a schema: the next file with this one is asked about anew. */
async function describe(
  scan: string,
  session: Session,
  schema: SchemaPlace | undefined,
): Promise<readonly ColumnSchema[]> {
  const columns = describeParquet(session, scan)
  schema?.columns.set(schema.key, columns)
  try {
    return await columns
  } catch (error) {
    schema?.columns.delete(schema.key)
    throw error
  }
}

async function prepareText(
  version: FileVersion,
  expected: FileFormat | 'auto',
  source: PrepareSource,
  contract: Contract | undefined,
  session: Session,
  workFolder: string,
  signal: AbortSignal,
): Promise<PreparedFile> {
  const wanted = { ...source.options, ...contract?.read }
  const declared = Object.entries(contract?.schema.columns ?? {}).map(([name, column]) => ({ name, type: column.type }))
  const file = { uri: version.uri, path: version.path }
  try {
    const { read, columns } =
      contract?.read === undefined
        ? await resolveReadOptions(session, file, wanted, expected, { workFolder, signal })
        : { read: wanted, columns: undefined }
    const out = path.join(
      workFolder,
      `${version.contentHash.slice(0, 16)}-${version.ordinal}-${hashName(version.path)}.parquet`,
    )
    const outcome = await convertText(
      session,
      file,
      read,
      wantedColumns(declared, columns, source),
      { path: out, workFolder },
      { signal },
    )
    if (outcome.kind === 'unreadable') {
      return { kind: 'unreadable', version, reasons: outcome.findings.map((finding) => reasonOf(finding)) }
    }
    return {
      kind: 'readable',
      version,
      // The converter fills what the file lacks with NULLs; a check must still see that it is not there.
      columns: outcome.columns.filter((column) => !outcome.missingColumns.includes(column.name)),
      rowsRead: outcome.rows + outcome.rejectedCount,
      rejectedLines: outcome.rejectedLines,
      rejectedCount: outcome.rejectedCount,
      scan: out,
      converted: true,
      read,
    }
  } catch (error) {
    return unreadable(version, error)
  }
}

/**
 * The types that its text is read as: those of the contract, else those that the values have; a hint wins over both. Where
 * misfits are rescued, and of types that Parquet does not keep, the text itself is wanted: the cast comes later (`planFit`).
 */
function wantedColumns(
  declared: readonly ColumnSchema[],
  found: readonly ColumnSchema[] | undefined,
  { schemaHints = {}, schemaEvolution }: PrepareSource,
): readonly ColumnSchema[] | undefined {
  const rescues = schemaEvolution?.types === 'rescue'
  const hints = new Map(Object.entries(schemaHints).map(([name, type]) => [name.toLowerCase(), type]))
  const base = declared.length > 0 ? declared : found
  return base?.map(({ name, type }) => {
    const wanted = hints.get(name.toLowerCase())
    const isAsked = declared.length > 0 || wanted !== undefined
    const own = wanted ?? type
    const stored = storedType(own)
    // Converted text is Parquet, too: what that would change stays text until it is looked at.
    if (isAsked && (rescues || stored !== own || changesValues(own))) return { name, type: 'VARCHAR' }
    return { name, type: stored ?? 'VARCHAR' }
  })
}

/** Whether its bytes are read as Parquet; damaged ones count, as far as they can be told. */
export async function isParquet(
  version: FileVersion,
  source: Pick<SourceConfig, 'format'>,
  effects: Pick<PipelineEffects, 'store'>,
): Promise<boolean> {
  return (await diagnose(version, source.format, effects)).detected === 'parquet'
}

/**
 * One table over files of the same columns and the same kind. With `places` the keys are short where they can be: for
 * statements that group by file.
 */
export function relationOf(
  files: readonly Extract<PreparedFile, { kind: 'readable' }>[],
  session: Session,
  keys: 'names' | 'places' = 'names',
): Relation {
  const [first] = files
  const { dialect } = session
  const columns = first?.fit === undefined ? (first?.columns ?? []) : cameWith(first.fit)
  // Only files that tell their columns are known to agree.
  const items = files.map((file) => ({
    uri: file.scan,
    path: file.version.path,
    rows: file.rowsRead - file.rejectedCount,
    ...(keys === 'places' ? { columns } : {}),
  }))
  const relation =
    first?.converted === true
      ? convertedRelation(dialect, items, columns, { keys })
      : parquetRelation(dialect, items, columns, { keys })
  return first?.fit === undefined ? relation : fitRelation(relation, first.fit, first.read, dialect)
}

function cameWith({ columns, casts }: FileFit): readonly ColumnSchema[] {
  const types = new Map(casts.map(({ name, from }) => [name, from]))
  return columns.map(({ name, type }) => ({ name, type: types.get(name) ?? type }))
}

const ENGINE_REFUSES = 'PQ406'

/** Failures that the data itself causes, and the finding that each amounts to. Everything else is for the caller. */
const CONDEMNING: ReadonlyMap<string, string> = new Map([
  ['ENGINE_SQL', ENGINE_REFUSES],
  ['RESERVED_COLUMN', 'PQ220'],
  ['READ_OPTIONS_UNRESOLVED', 'PQ709'],
])

function unreadable(version: FileVersion, error: unknown): PreparedFile {
  if (!isTidegateError(error)) throw error
  const check = CONDEMNING.get(error.code)
  if (check === undefined) throw error
  return { kind: 'unreadable', version, reasons: [{ check, severity: 'critical', message: error.message }] }
}

function hashName(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 16)
}
