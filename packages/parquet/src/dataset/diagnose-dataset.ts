import { messageOf, type Diagnosis, type Finding } from '@tidegate/core'
import { localStore } from '@tidegate/storage'

import { diagnose as diagnoseHere } from '../diagnose/diagnose.ts'
import type { DiagnoseRequest } from '../diagnose/options.ts'
import { finding } from '../finding-codes.ts'
import { checkSidecar } from './check-sidecar.ts'
import { watchDuplicates } from './duplicate-watch.ts'
import { listFolder, type FolderEntry } from './list-folder.ts'
import { watchSchemas } from './schema-watch.ts'
import { watchTables } from './table-watch.ts'

export interface DatasetOptions extends DiagnoseRequest {
  /** Who looks into a file, by its absolute path. @defaultValue `diagnose` in this process */
  readonly diagnose?: ((path: string) => Promise<Diagnosis>) | undefined
  /** @defaultValue true */
  readonly recursive?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** `path`: below the folder, with slashes. */
export type DatasetItem =
  | {
      readonly kind: 'file'
      readonly path: string
      readonly diagnosis: Diagnosis
      /** Whether the table's log lists the file; undefined where no log says. */
      readonly live: boolean | undefined
    }
  /** What only the folder tells: of a file (which was an item before), of a marker, or of the folder as a table. */
  | { readonly kind: 'finding'; readonly path: string; readonly finding: Finding }
  | { readonly kind: 'end'; readonly summary: DatasetSummary }

export interface DatasetSummary {
  /** Data files that could be opened. */
  readonly files: number
  readonly sound: number
  /** Files, folders and links that could not be opened (PQ904). */
  readonly unreadable: number
  readonly bytes: number
  /** Rows of the sound files. */
  readonly rows: number
  /** Files that are neither data nor known to say something about data. */
  readonly others: number
  /** Findings about the folder by code; those of single files are in their diagnoses. */
  readonly codes: Readonly<Record<string, number>>
}

/**
 * Diagnoses every Parquet file below a folder, in the order of their names, and says what only the folder tells: markers
 * (PQ501), unfinished writes (PQ502), files of another schema (PQ503) or without rows (PQ504), duplicates (PQ505), checksums
 * of Hadoop that do not fit (PQ506), sizes that are not those of the Delta log (PQ116), what cannot be read (PQ904).
 *
 * Streams: of a file only its path, size and the fingerprint of its schema are kept. Writes nothing.
 *
 * @throws TidegateError `SOURCE_MISSING` if there is no such folder; what `diagnose` throws is a PQ904 of that file
 */
export async function* diagnoseDataset(dir: string, options: DatasetOptions = {}): AsyncGenerator<DatasetItem> {
  const { signal, recursive = true } = options
  const store = localStore()
  const schemas = watchSchemas()
  const duplicates = watchDuplicates(async (path) => await store.hash(path, signal))
  const tables = watchTables(signal)
  const counts = { files: 0, sound: 0, unreadable: 0, bytes: 0, rows: 0, others: 0 }
  const codes: Record<string, number> = {}
  const tell = (path: string, found: Finding): DatasetItem => {
    codes[found.code] = (codes[found.code] ?? 0) + 1
    if (found.code === 'PQ904') counts.unreadable++
    return { kind: 'finding', path, finding: found }
  }

  for await (const entry of listFolder(dir, { recursive, signal })) {
    if (entry.kind === 'other') counts.others++
    else if (entry.kind === 'table-log') yield tell(entry.path, await tables.open(entry))
    else if (entry.kind !== 'data') yield tell(entry.path, await findingOf(entry, signal))
    else {
      const { path, absolute, sizeBytes } = entry
      const diagnosis = await attempt(async () => await diagnoseEntry(entry, options), signal)
      if ('failed' in diagnosis) {
        yield tell(path, unreadable(diagnosis.failed))
        continue
      }
      const live = tables.isLive(path)
      counts.files++
      counts.bytes += diagnosis.sizeBytes
      if (diagnosis.kind === 'sound') {
        counts.sound++
        counts.rows += diagnosis.rows ?? 0
      }
      yield { kind: 'file', path, diagnosis, live }
      const otherSize = tables.compare(path, diagnosis.sizeBytes)
      if (otherSize !== undefined) yield tell(path, otherSize)
      if (diagnosis.kind === 'sound' && diagnosis.rows === 0)
        yield tell(path, finding('PQ504', 'The file is in order and has no rows.', { severity: 'warn' }))
      // What the table has dropped nobody reads: it may well be of another schema.
      if (live === false) continue
      if (diagnosis.schema !== undefined) schemas.add(path, diagnosis.schema)
      const twin = await attempt(async () => await duplicates.add(path, absolute, sizeBytes), signal)
      if (twin === undefined) continue
      yield tell(path, 'failed' in twin ? unreadable(twin.failed) : twin)
    }
  }
  for (const { path, finding: found } of schemas.findings()) yield tell(path, found)
  for (const { path, finding: found } of tables.missing()) yield tell(path, found)
  yield { kind: 'end', summary: { ...counts, codes } }
}

async function diagnoseEntry(
  { path, absolute }: Extract<FolderEntry, { kind: 'data' }>,
  { diagnose, level, expected, limits, signal }: DatasetOptions,
): Promise<Diagnosis> {
  if (diagnose !== undefined) return await diagnose(absolute)
  const name = path.slice(path.lastIndexOf('/') + 1)
  return await diagnoseHere({ path: absolute }, { name, level, expected, limits, signal })
}

async function findingOf(
  entry: Exclude<FolderEntry, { kind: 'data' | 'other' | 'table-log' }>,
  signal: AbortSignal | undefined,
): Promise<Finding> {
  switch (entry.kind) {
    case 'failure':
      return unreadable(entry.message)
    case 'temporary':
      return finding(
        'PQ502',
        `An unfinished write: ${entry.files} ${entry.files === 1 ? 'file' : 'files'}, ${entry.sizeBytes} bytes. It was not looked into.`,
        { severity: 'warn', evidence: { files: entry.files, sizeBytes: entry.sizeBytes } },
      )
    case 'marker':
      return finding('PQ501', 'It is no data: it tells programs something about the files beside it.', {
        severity: 'info',
        evidence: { marker: 'file' },
      })
    case 'sidecar':
    default: {
      const checked = await attempt(async () => await checkOpened(entry, signal), signal)
      return 'failed' in checked ? unreadable(checked.failed) : checked
    }
  }
}

async function checkOpened(
  { absolute, of, ofAbsolute, path }: Extract<FolderEntry, { kind: 'sidecar' }>,
  signal: AbortSignal | undefined,
): Promise<Finding> {
  const store = localStore()
  if ((await store.stat(ofAbsolute)) === undefined)
    return finding('PQ501', `Checksums of ${of}, which is not there.`, {
      severity: 'info',
      evidence: { marker: 'crc' },
    })
  const data = await store.open(ofAbsolute)
  try {
    const sidecar = await store.open(absolute)
    try {
      return await checkSidecar(data, sidecar, { data: of, sidecar: path }, signal)
    } finally {
      await sidecar.close()
    }
  } finally {
    await data.close()
  }
}

/** An error of one file is a value here: the others are looked at all the same. Being stopped is not. */
async function attempt<Result extends object | undefined>(
  work: () => Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result | { readonly failed: string }> {
  try {
    return await work()
  } catch (error) {
    signal?.throwIfAborted()
    return { failed: messageOf(error) }
  }
}

function unreadable(message: string): Finding {
  return finding('PQ904', message, { evidence: {} })
}
