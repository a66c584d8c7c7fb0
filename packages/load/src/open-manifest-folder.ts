import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringifyJson, type FileVersionId, type LedgerEntry, type LedgerFile, type RejectedPart } from '@tidegate/core'
import { writeDurable } from '@tidegate/storage'
import { isAbsent } from './durable.ts'
import { openFolder, type FolderDestination, type FolderOptions } from './open-folder.ts'

export type ManifestFolderOptions = FolderOptions

/** `manifest.json` of a gate-only target: what another loader may take. Derived from the log, replaced as a whole. */
export interface Manifest {
  readonly format: 1
  /** The log entry up to which it holds. */
  readonly lastSeq: number
  /** File versions that passed the gate and were not replaced since, in the order of their commits. */
  readonly files: readonly ManifestFile[]
  /** Everything ever put into the quarantine folder; paths relative to it. */
  readonly quarantine: readonly ManifestRejected[]
}

export interface ManifestFile extends Pick<LedgerFile, 'id' | 'uri' | 'path' | 'hash' | 'bytes' | 'score'> {
  readonly rows: number
  readonly batch: string
  readonly seq: number
  /** UTC ISO 8601. */
  readonly committedAt: string
}

export interface ManifestRejected extends Pick<RejectedPart, 'visible' | 'kind' | 'file' | 'rows' | 'bytes' | 'hash'> {
  readonly seq: number
}

const MANIFEST = 'manifest.json'

/**
 * A gate-only target: the same log, quarantine and protocol, but no rows. `publish` writes `<directory>/manifest.json`.
 *
 * Opening touches nothing. Call `recover` before other work.
 *
 * @throws LEDGER_PATH if a folder is not absolute, TARGET_UNSUPPORTED on Windows; `stageRows` throws TARGET_GATE_ONLY
 */
export async function openManifestFolder(options: ManifestFolderOptions): Promise<FolderDestination> {
  const file = join(options.directory, MANIFEST)
  let passed = new Map<FileVersionId, ManifestFile>()
  let rejected: ManifestRejected[] = []
  let foldedSeq = 0

  function onEntry(entry: LedgerEntry | undefined): void {
    if (entry === undefined) {
      passed = new Map()
      rejected = []
      foldedSeq = 0
      return
    }
    for (const item of entry.files) {
      if (item.replaces !== undefined) passed.delete(item.replaces)
      passed.delete(item.id)
      if (item.outcome === 'loaded') passed.set(item.id, manifestFile(item, entry))
    }
    for (const part of entry.rejected) rejected.push(manifestRejected(part, entry.seq))
    foldedSeq = entry.seq
  }

  async function writeManifest(refresh: () => Promise<readonly LedgerEntry[]>): Promise<void> {
    if (foldedSeq === 0) return
    // Of two writers the slower one may have put an older text over a newer one: whoever writes looks once more.
    do {
      const manifest: Manifest = { format: 1, lastSeq: foldedSeq, files: [...passed.values()], quarantine: rejected }
      const text = `${stringifyJson(manifest, 1)}\n`
      if ((await readText(file)) !== text) await writeDurable(file, text)
    } while ((await refresh()).length > 0)
  }

  return openFolder(options, { kind: 'none', parts: false, compression: 'zstd', onEntry, afterPublish: writeManifest })
}

function manifestFile(file: LedgerFile, { batch, seq, committedAt }: LedgerEntry): ManifestFile {
  const { id, uri, path, hash, bytes, rowsLoaded, score } = file
  return { id, uri, path, hash, bytes, rows: rowsLoaded, score, batch, seq, committedAt }
}

function manifestRejected({ visible, kind, file, rows, bytes, hash }: RejectedPart, seq: number): ManifestRejected {
  return { visible, kind, file, rows, bytes, hash, seq }
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}
