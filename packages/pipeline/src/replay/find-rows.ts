import path from 'node:path'
import { codeOf, TidegateError, type CheckResult, type FileRecord, type SourceConfig } from '@tidegate/core'
import type { PipelineEffects } from '../effects.ts'
import type { QuarantineItem } from './quarantine-item.ts'

/** Rejected rows on disk, ready to be looked at. */
export interface FoundRows {
  readonly item: QuarantineItem
  readonly version: FileRecord
  /** Absolute path of the Parquet file. */
  readonly file: string
  /** Somebody changed it since it was put there. */
  readonly edited: boolean
  readonly before: readonly CheckResult[]
}

/**
 * @throws TidegateError `QUARANTINE_GONE`, `QUARANTINE_EDITED`
 */
export async function findRows(
  item: QuarantineItem,
  version: FileRecord,
  source: Pick<SourceConfig, 'quarantine'>,
  acceptEdits: boolean,
  effects: Pick<PipelineEffects, 'store' | 'signal'>,
): Promise<FoundRows> {
  const file = path.join(source.quarantine.path, item.path ?? item.id)
  await assertThere(item, file, effects)
  const edited = (await effects.store.hash(file, effects.signal)) !== item.hash
  if (edited && !acceptEdits) {
    throw new TidegateError('QUARANTINE_EDITED', `${file} is not what was put there: somebody changed it`, {
      dataNow: 'Nothing of it was changed.',
      hint: 'If that was meant, to correct its rows, say --accept-edits. Rows that were taken out of it count as discarded.',
    })
  }
  return { item, version, file, edited, before: await failedBefore(file, effects) }
}

/** @throws TidegateError `QUARANTINE_GONE` */
export async function assertThere(
  { id }: QuarantineItem,
  file: string,
  { store }: Pick<PipelineEffects, 'store'>,
): Promise<void> {
  if ((await store.stat(file)) !== undefined) return
  throw new TidegateError('QUARANTINE_GONE', `${id} is in quarantine, and ${file} is gone`, {
    dataNow: 'Nothing of it was changed.',
    hint: 'Put it back, or load the file itself again: tidegate files retry. Else give the record up: tidegate quarantine discard.',
  })
}

/** What the paper beside the rows says of the whole file. Without it no share of a file can be told. */
async function failedBefore(file: string, { store }: Pick<PipelineEffects, 'store'>): Promise<readonly CheckResult[]> {
  const paper = `${file.slice(0, -'.rows.parquet'.length)}.reasons.json`
  let bytes
  try {
    bytes = await store.open(paper)
  } catch (error) {
    if (codeOf(error) === undefined) throw error
    return []
  }
  try {
    const text = new TextDecoder().decode(await bytes.read(0, bytes.sizeBytes))
    const { checks } = JSON.parse(text) as { readonly checks?: unknown }
    return Array.isArray(checks) ? (checks as CheckResult[]) : []
  } catch {
    return []
  } finally {
    await bytes.close()
  }
}
