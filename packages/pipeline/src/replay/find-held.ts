import path from 'node:path'
import {
  fileVersionId,
  TidegateError,
  type FileRecord,
  type FileVersion,
  type LedgerEntry,
  type LedgerFile,
  type SourceConfig,
} from '@tidegate/core'
import type { WorkItem } from '../decide-treatment.ts'
import type { PipelineEffects } from '../effects.ts'
import { assertThere } from './find-rows.ts'
import type { QuarantineItem } from './quarantine-item.ts'

/** A held file, ready to be judged again. */
export interface FoundFile {
  readonly item: QuarantineItem
  /** Its work: the version's `uri` and `stamp` are those of the copy that is read. */
  readonly work: WorkItem
  /** What the log says of the file itself. */
  readonly original: Pick<LedgerFile, 'uri' | 'stamp' | 'modifiedAtMs'>
}

/**
 * Where a held file is read from: its copy in quarantine, or, where only a reference was kept, its place in the source.
 *
 * A version that was held beside a live older one enters as a new one, which takes that one's place in the log's sense; else
 * it is judged again under its own id.
 *
 * @param versions those of its path in this ledger, oldest first
 * @throws TidegateError `QUARANTINE_GONE`, `QUARANTINE_EDITED`
 */
export async function findHeld(
  item: QuarantineItem,
  entry: LedgerEntry,
  versions: readonly FileRecord[],
  source: Pick<SourceConfig, 'name' | 'quarantine' | 'overwrites'>,
  effects: Pick<PipelineEffects, 'store' | 'signal'>,
): Promise<FoundFile> {
  const own = versions.find((version) => version.id === item.file)
  const record = own ?? entry.files.find((file) => file.id === item.file)
  if (record === undefined || own === undefined) throw gone(item)
  const copy = entry.rejected.find((part) => part.kind === 'original' && part.file === item.file)
  const uri = copy === undefined ? own.uri : path.join(source.quarantine.path, copy.visible)
  await assertThere(item, uri, effects)
  if ((await effects.store.hash(uri, effects.signal)) !== own.hash) throw edited(uri, copy === undefined)
  const { stamp, sizeBytes } = (await effects.store.stat(uri)) ?? { stamp: '', sizeBytes: own.bytes }
  const live = versions.findLast((version) => version.live && version.id !== own.id)
  const replaces = source.overwrites === 'append' ? undefined : live
  const ordinal = replaces === undefined ? own.ordinal : (versions.at(-1)?.ordinal ?? own.ordinal) + 1
  const version: FileVersion = {
    id: fileVersionId(source.name, own.path, ordinal),
    source: source.name,
    dataset: own.dataset,
    path: own.path,
    ordinal,
    uri,
    stamp,
    sizeBytes,
    modifiedAtMs: own.modifiedAtMs,
    contentHash: own.hash,
  }
  const work: WorkItem = { version, replaces, again: replaces === undefined, treatment: { kind: 'judge' } }
  return { item, work, original: { uri: own.uri, stamp: own.stamp, modifiedAtMs: own.modifiedAtMs } }
}

function gone({ id, file }: QuarantineItem): TidegateError {
  return new TidegateError('QUARANTINE_UNKNOWN', `${id}: the log knows nothing of ${file}`, {
    dataNow: 'Nothing of it was changed.',
    hint: 'Make the index anew: tidegate state rebuild --from-targets.',
  })
}

function edited(uri: string, inSource: boolean): TidegateError {
  return new TidegateError('QUARANTINE_EDITED', `${uri} is not what was held: somebody changed it`, {
    dataNow: 'Nothing of it was changed.',
    hint: inSource
      ? 'The next ingest judges what is there now as a new version.'
      : 'Put a corrected file into the source, where it is judged as a new version; the copy only says what came.',
  })
}
