import path from 'node:path'
import { TidegateError, type SourceConfig } from '@tidegate/core'
import { listRecords, type ListedRecord, type Project } from '@tidegate/project/open'

export interface QuarantineArgs {
  readonly action?: string
  readonly records?: readonly string[]
  readonly source?: string
  readonly target?: string
  readonly all?: boolean
  readonly closed?: boolean
  readonly dryRun?: boolean
  readonly acceptEdits?: boolean
  readonly note?: string
  readonly yes?: boolean
}

/** A record as programs see it. */
export function recordItem(record: ListedRecord): Readonly<Record<string, unknown>> {
  return {
    record: record.id,
    source: record.source,
    dataset: record.dataset,
    target: record.target,
    location: record.location,
    path: record.filePath,
    version: record.ordinal,
    kind: record.content,
    status: record.status,
    rows: record.rows,
    bytes: record.bytes,
    reasons: record.reasons,
    heldAtMs: record.recordedAtMs,
    closedAtMs: record.closedAtMs,
    batch: record.batch,
    place: record.place,
  }
}

/**
 * The open records that the words mean: a record's id, the path of its file or a trailing part of it, or where it lies on
 * disk. No words: all of them.
 *
 * @throws TidegateError `QUARANTINE_NO_RECORD`
 */
export async function chooseRecords(
  project: Project,
  asked: readonly string[],
  source: string | undefined,
  { closed = false, target }: { readonly closed?: boolean; readonly target?: string | undefined } = {},
): Promise<readonly ListedRecord[]> {
  if (source !== undefined) configOf(project, source)
  const all = (await listRecords(project, { source })).filter((record) => isOfTarget(record, target))
  const candidates = all.filter((record) => closed || record.status === 'open')
  if (asked.length === 0) return candidates
  const chosen = new Set<ListedRecord>()
  for (const word of asked) {
    const found = candidates.filter((record) => isMeant(record, word, project))
    if (found.length === 0)
      throw noRecord(
        word,
        all.filter((record) => isMeant(record, word, project)),
      )
    for (const record of found) chosen.add(record)
  }
  return [...chosen]
}

function isMeant(record: ListedRecord, word: string, project: Project): boolean {
  if (record.id === word || record.filePath === word || record.filePath.endsWith(`/${word}`)) return true
  if (record.place === null) return false
  return [path.resolve(project.config.directory, word), path.resolve(word)].some(
    (place) => place === record.place || place.startsWith(`${record.place}.`),
  )
}

/** A source with one target has no names for it but its own. */
export function isOfTarget(record: ListedRecord, target: string | undefined): boolean {
  return target === undefined || record.target === target
}

function noRecord(word: string, closed: readonly ListedRecord[]): TidegateError {
  const message =
    closed.length === 0
      ? `nothing is held of ${JSON.stringify(word)}`
      : `what was held of ${JSON.stringify(word)} is closed: ${[...new Set(closed.map((record) => record.status))].join(', ')}`
  return new TidegateError('QUARANTINE_NO_RECORD', message, {
    dataNow: 'Nothing was changed.',
    hint: 'tidegate quarantine ls shows what is open; with --closed also what was.',
  })
}

export function configOf({ config }: Project, name: string): SourceConfig {
  const source = config.sources.find((candidate) => candidate.name === name)
  if (source !== undefined) return source
  throw new TidegateError('CONFIG_UNKNOWN_SOURCE', `there is no source ${JSON.stringify(name)} in ${config.file}`, {
    hint: `Its sources are: ${config.sources.map((candidate) => candidate.name).join(', ')}.`,
  })
}
