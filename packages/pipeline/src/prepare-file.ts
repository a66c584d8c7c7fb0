import { createHash } from 'node:crypto'
import path from 'node:path'
import {
  isTidegateError,
  type ColumnSchema,
  type Contract,
  type Diagnosis,
  type FileFormat,
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
import type { PipelineEffects } from './effects.ts'

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
      /** How a text file was read: what a contract pins. Undefined for Parquet. */
      readonly read?: ReadOptions | undefined
    }
  | { readonly kind: 'unreadable'; readonly version: FileVersion; readonly reasons: readonly Reason[] }

/** Diagnoses one file and, for text formats, converts it into typed Parquet. Bad bytes are a value, not an exception. */
export async function prepareFile(
  version: FileVersion,
  source: Pick<SourceConfig, 'format' | 'options'>,
  contract: Contract | undefined,
  session: Session,
  workFolder: string,
  effects: Pick<PipelineEffects, 'store' | 'signal'>,
): Promise<PreparedFile> {
  const expected = contract?.read?.format ?? source.format
  const diagnosis = await diagnose(version, expected, effects)
  if (diagnosis.kind === 'unreadable') return { kind: 'unreadable', version, reasons: reasonsOf(diagnosis) }
  if (diagnosis.detected === 'parquet') return prepareParquet(version, diagnosis, session)
  return prepareText(version, expected, source, contract, session, workFolder, effects.signal)
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

async function prepareParquet(version: FileVersion, diagnosis: Diagnosis, session: Session): Promise<PreparedFile> {
  try {
    const columns = await describeParquet(session, version.uri)
    return {
      kind: 'readable',
      version,
      columns,
      rowsRead: diagnosis.rows ?? 0,
      rejectedLines: [],
      rejectedCount: 0,
      scan: version.uri,
      converted: false,
    }
  } catch (error) {
    return unreadable(version, error)
  }
}

async function prepareText(
  version: FileVersion,
  expected: FileFormat | 'auto',
  source: Pick<SourceConfig, 'options'>,
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
      declared.length > 0 ? declared : columns,
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

/** One table over files of the same columns and the same kind. */
export function relationOf(files: readonly Extract<PreparedFile, { kind: 'readable' }>[], session: Session): Relation {
  const columns = files[0]?.columns ?? []
  const items = files.map((file) => ({
    uri: file.scan,
    path: file.version.path,
    rows: file.rowsRead - file.rejectedCount,
  }))
  return files[0]?.converted === true
    ? convertedRelation(session.dialect, items, columns)
    : parquetRelation(session.dialect, items, columns)
}

export function reasonOf(finding: Diagnosis['findings'][number]): Reason {
  return { check: finding.code, severity: 'critical', message: finding.message }
}

function reasonsOf(diagnosis: Diagnosis): readonly Reason[] {
  return diagnosis.findings
    .filter((finding) => finding.severity === 'error' || finding.severity === 'fatal')
    .map((finding) => reasonOf(finding))
}

/** Failures that the data itself causes, and the finding that each amounts to. Everything else is for the caller. */
const CONDEMNING: ReadonlyMap<string, string> = new Map([
  ['ENGINE_SQL', 'PQ406'],
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
