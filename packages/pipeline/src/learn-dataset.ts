/**
 * Learns the contract of one dataset from some of its files. Reads only; what is unreadable or quarantined is never learned
 * from (invariant 11), and a file that alone would widen the contract is named and left out.
 */
import {
  type ColumnSchema,
  type Contract,
  type FileVersion,
  type FileVersionId,
  type ReadOptions,
  type Reason,
  type Session,
  type SourceConfig,
} from '@tidegate/core'
import {
  isAssignable,
  learnContract,
  profileRelation,
  type LearnedContract,
  type OddFile,
  type Profile,
} from '@tidegate/dq'
import type { PipelineEffects } from './effects.ts'
import type { ReadableFile } from './judge-batch.ts'
import { prepareFile, relationOf, type PreparedFile } from './prepare-file.ts'

export interface LearnSettings {
  readonly dataset: string
  readonly source: Pick<SourceConfig, 'format' | 'options'>
  /** Rows that costly facts are taken from; Infinity for all. */
  readonly sampleRows: number
  readonly previous?: Contract | undefined
  /** Files that are prepared already, where the caller has just done so. */
  readonly prepared?: ReadonlyMap<FileVersionId, PreparedFile> | undefined
}

export interface LearnedDataset {
  readonly kind: 'learned'
  readonly learned: LearnedContract
  readonly profile: Profile
  /** Files that were read, in path order, with the columns each has. */
  readonly files: readonly ReadableFile[]
  /** Files whose columns differ too much to be scanned together with the others. */
  readonly apart: readonly { readonly path: string; readonly what: string }[]
  readonly unreadable: readonly { readonly path: string; readonly reasons: readonly Reason[] }[]
  readonly oddFiles: readonly OddFile[]
}

export type LearnOutcome =
  | LearnedDataset
  | { readonly kind: 'nothing-readable'; readonly unreadable: LearnedDataset['unreadable'] }

export async function learnDataset(
  versions: readonly FileVersion[],
  settings: LearnSettings,
  session: Session,
  workFolder: string,
  effects: Pick<PipelineEffects, 'store' | 'signal' | 'report'>,
): Promise<LearnOutcome> {
  const unreadable: { path: string; reasons: readonly Reason[] }[] = []
  const readable: ReadableFile[] = []
  const pinned = settings.previous?.read
  for (const version of versions) {
    effects.signal.throwIfAborted()
    const contract = pinned === undefined ? undefined : readingContract(settings.dataset, pinned, [])
    const file =
      settings.prepared?.get(version.id) ??
      (await prepareFile(version, settings.source, contract, session, workFolder, effects))
    effects.report({ kind: 'stage-advanced', stage: 'profile', files: 1, bytes: version.sizeBytes })
    if (file.kind === 'unreadable') unreadable.push({ path: version.path, reasons: file.reasons })
    else readable.push(file)
  }
  // One stray file must not decide how its neighbours are read.
  const read = pinned ?? commonestRead(readable)
  if (read !== undefined) {
    await readAgain((file) => (file.converted && !sameRead(file.read, read) ? [] : undefined), read)
    const unified = unifyTypes(readable)
    await readAgain((file) => unified.get(file), read)
  }
  const { together, apart } = joinable(readable)
  const withRows = together.filter((file) => file.rowsRead > 0)
  const base = withRows.length > 0 ? withRows : together
  if (base.length === 0) return { kind: 'nothing-readable', unreadable }
  const relation = relationOf(base, session)
  const fileColumns = new Map(base.map((file, index) => [relation.files[index]?.key ?? '', file.columns]))
  const profile = await profileRelation(session, relation, {
    sampleRows: settings.sampleRows,
    signal: effects.signal,
    fileColumns,
    sensitive: settings.previous === undefined ? undefined : sensitiveNames(settings.previous),
  })
  const learned = learnContract(profile, { dataset: settings.dataset, read, previous: settings.previous })
  return { kind: 'learned', learned, profile, files: together, apart, unreadable, oddFiles: learned.oddFiles }

  /** Prepares files once more, with these columns (none: found out again); undefined leaves a file as it is. */
  async function readAgain(
    columnsOf: (file: ReadableFile) => readonly ColumnSchema[] | undefined,
    how: ReadOptions,
  ): Promise<void> {
    for (const [index, file] of readable.entries()) {
      const columns = columnsOf(file)
      if (columns === undefined) continue
      const contract = readingContract(settings.dataset, how, columns)
      const again = await prepareFile(file.version, settings.source, contract, session, workFolder, effects)
      if (again.kind === 'readable') readable[index] = again
    }
  }
}

/** Columns whose values people want kept out of sight, whatever their names and values look like. */
function sensitiveNames({ schema }: Contract): ReadonlySet<string> {
  const columns = Object.entries(schema.columns)
  return new Set(columns.filter(([, column]) => column.sensitive !== undefined).map(([name]) => name))
}

/** How most of the text is to be read, by bytes; the contract pins it. Undefined when no file is text. */
function commonestRead(files: readonly ReadableFile[]): ReadOptions | undefined {
  const groups = [...Map.groupBy(files, (file) => JSON.stringify(file.read ?? null)).values()]
  const bytes = (group: readonly ReadableFile[]): number =>
    group.reduce((sum, file) => sum + (file.read === undefined ? 0 : file.version.sizeBytes), 0)
  return groups.toSorted((a, b) => bytes(b) - bytes(a))[0]?.[0]?.read
}

function sameRead(a: ReadOptions | undefined, b: ReadOptions): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** A contract that says nothing but how to read. */
function readingContract(dataset: string, read: ReadOptions, columns: readonly ColumnSchema[]): Contract {
  const types = Object.fromEntries(columns.map(({ name, type }) => [name, { type }]))
  return { contract: dataset, version: 1, read, schema: { columns: types }, expectations: [] }
}

/**
 * Text files have the types that their values suggest, file by file: whole numbers in one, fractions in the next. Names
 * the files that must be read again, and the types that fit all of them.
 */
export function unifyTypes(files: readonly ReadableFile[]): ReadonlyMap<ReadableFile, readonly ColumnSchema[]> {
  const again = new Map<ReadableFile, readonly ColumnSchema[]>()
  const texts = files.filter((file) => file.converted)
  for (const group of Map.groupBy(texts, (file) =>
    JSON.stringify(file.columns.map((column) => column.name)),
  ).values()) {
    const widest = new Map<string, string>()
    for (const { columns } of group) {
      for (const { name, type } of columns) widest.set(name, widerType(widest.get(name) ?? type, type))
    }
    for (const file of group) {
      if (file.columns.every(({ name, type }) => widest.get(name) === type)) continue
      again.set(
        file,
        file.columns.map(({ name, type }) => ({ name, type: widest.get(name) ?? type })),
      )
    }
  }
  return again
}

function widerType(a: string, b: string): string {
  if (isAssignable(a, b)) return b
  if (isAssignable(b, a)) return a
  // Numbers of any kind fit DOUBLE; everything fits text.
  const numeric = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL\(.*|DOUBLE|FLOAT)$/
  return numeric.test(a) && numeric.test(b) ? 'DOUBLE' : 'VARCHAR'
}

/** Files that can be scanned as one table: those of the commonest list of columns, whatever the kind of the file. */
function joinable(files: readonly ReadableFile[]): {
  readonly together: readonly ReadableFile[]
  readonly apart: LearnedDataset['apart']
} {
  const groups = [...Map.groupBy(files, (file) => JSON.stringify([file.converted, file.columns])).values()]
  const largest = groups.toSorted((a, b) => b.length - a.length)[0] ?? []
  const apart = files
    .filter((file) => !largest.includes(file))
    .map((file) => ({ path: file.version.path, what: describeDifference(file.columns, largest[0]?.columns ?? []) }))
  return { together: largest, apart }
}

/** In what a file's columns differ from the others'. */
export function describeDifference(own: readonly ColumnSchema[], others: readonly ColumnSchema[]): string {
  const mine = new Map(own.map((column) => [column.name, column.type]))
  const theirs = new Map(others.map((column) => [column.name, column.type]))
  const parts: string[] = []
  const missing = others.filter((column) => !mine.has(column.name)).map((column) => column.name)
  const extra = own.filter((column) => !theirs.has(column.name)).map((column) => column.name)
  if (missing.length > 0) parts.push(`lacks ${listNames(missing)}`)
  if (extra.length > 0) parts.push(`has ${listNames(extra)} more`)
  for (const [name, type] of mine) {
    const other = theirs.get(name)
    if (other !== undefined && other !== type) parts.push(`${JSON.stringify(name)} is ${type} instead of ${other}`)
  }
  return parts.length === 0 ? 'its columns come in another order' : parts.join(', ')
}

function listNames(names: readonly string[]): string {
  const shown = names
    .slice(0, 3)
    .map((name) => JSON.stringify(name))
    .join(', ')
  return names.length > 3
    ? `${shown} and ${names.length - 3} other columns`
    : names.length === 1
      ? `column ${shown}`
      : `columns ${shown}`
}
