import type { EntryDraft, LedgerFile } from '@tidegate/core'
import { liveTwins, type LogFacts } from './log-state.ts'

export type Judgement =
  | { readonly kind: 'ok' }
  | { readonly kind: 'already-committed'; readonly seq: number }
  | { readonly kind: 'conflict'; readonly because: string }
  | { readonly kind: 'stale'; readonly because: string }

/**
 * The log's own test (invariant 1): may this draft become the next entry after `state`? Pure. It holds without any lease,
 * because whoever links entry N+1 has passed it against every entry up to N.
 */
export function judgeDraft(state: LogFacts, draft: EntryDraft): Judgement {
  const seq = state.batches.get(draft.batch.batch)
  if (seq !== undefined) return { kind: 'already-committed', seq }

  const { source } = draft.batch
  const fence = state.fences.get(source) ?? 0
  if (draft.fence < fence) {
    return {
      kind: 'stale',
      because: `source ${source} has a commit with fence ${fence}; this writer holds ${draft.fence}`,
    }
  }
  const because =
    baseConflict(state, draft) ??
    filesConflict(state, draft) ??
    partsConflict(state, draft) ??
    supersededConflict(state, draft) ??
    consumesConflict(state, draft) ??
    replaysConflict(state, draft) ??
    (draft.refuseDuplicateContent ? contentConflict(state, draft) : undefined)
  return because === undefined ? { kind: 'ok' } : { kind: 'conflict', because }
}

/** What read the live rows does not hold any more when others came. */
function baseConflict(state: LogFacts, { basedOn }: EntryDraft): string | undefined {
  if (basedOn === undefined || state.lastSeq === basedOn) return undefined
  return `it was worked out from the rows after entry ${basedOn}, and the log is at ${state.lastSeq}`
}

function filesConflict(state: LogFacts, draft: EntryDraft): string | undefined {
  const removed = new Set(draft.remove)
  const seen = new Set<string>()
  const replaced = new Set<string>()
  for (const file of draft.files) {
    if (seen.has(file.id)) return `file version ${file.id} is named twice`
    seen.add(file.id)
    const earlier = state.files.get(file.id)
    if (earlier !== undefined && file.replaces !== file.id) {
      return `file version ${file.id} was ${earlier.outcome} by entry ${earlier.seq}`
    }
    if (file.replaces === undefined) continue
    if (replaced.has(file.replaces)) return `file version ${file.replaces} is replaced twice`
    replaced.add(file.replaces)
    const because = replaceConflict(state, file, file.replaces, removed)
    if (because !== undefined) return because
  }
  return undefined
}

function replaceConflict(
  state: LogFacts,
  file: LedgerFile,
  id: string,
  removed: ReadonlySet<string>,
): string | undefined {
  const fate = state.files.get(id)
  // A held or skipped version may be processed again under its own id; it has no rows to take away.
  if (fate === undefined || (!fate.live && id !== file.id)) {
    return `file version ${id}, which ${file.id} replaces, is not live`
  }
  const left = fate.parts.find((part) => !removed.has(part))
  return left === undefined ? undefined : `file version ${id}, which ${file.id} replaces, still has rows in ${left}`
}

function partsConflict(state: LogFacts, draft: EntryDraft): string | undefined {
  const removed = new Set<string>()
  for (const visible of draft.remove) {
    if (removed.has(visible)) return `part ${visible} is removed twice`
    removed.add(visible)
    if (!state.parts.has(visible)) return `part ${visible}, to be removed, is not live`
  }
  const named = new Set<string>()
  for (const { visible } of draft.add) {
    if (named.has(visible) || state.parts.has(visible) || state.gone.has(visible)) {
      return `the name ${visible} was given to a part before`
    }
    named.add(visible)
  }
  const rejected = new Set<string>()
  for (const { visible } of draft.rejected) {
    if (rejected.has(visible) || state.rejected.has(visible)) return `the name ${visible} was used in quarantine before`
    rejected.add(visible)
  }
  return undefined
}

function supersededConflict(state: LogFacts, draft: EntryDraft): string | undefined {
  const replaced = new Set(draft.files.map((file) => file.replaces))
  const seen = new Set<string>()
  for (const { file, rows } of draft.superseded ?? []) {
    const fate = state.files.get(file)
    if (seen.has(file)) return `file version ${file} is superseded twice`
    seen.add(file)
    if (replaced.has(file)) return `file version ${file} is both replaced and superseded`
    if (fate === undefined || !fate.live) return `file version ${file}, of which rows are superseded, is not live`
    if (rows > fate.rows) return `of file version ${file} ${rows} rows are superseded, and it has ${fate.rows}`
  }
  return undefined
}

function consumesConflict(state: LogFacts, draft: EntryDraft): string | undefined {
  const seen = new Set<string>()
  for (const record of draft.consumes) {
    if (seen.has(record) || state.consumed.has(record)) return `quarantine record ${record} was replayed before`
    seen.add(record)
  }
  return undefined
}

function replaysConflict(state: LogFacts, draft: EntryDraft): string | undefined {
  const replaced = new Set(draft.files.map((file) => file.replaces))
  for (const { record, file, rowsLoaded } of draft.replays ?? []) {
    const fate = state.files.get(file)
    if (fate === undefined) return `file version ${file}, of quarantine record ${record}, is not known`
    // Its rows would come back beside those of the version that took its place.
    const gone = !fate.live || replaced.has(file)
    if (rowsLoaded > 0 && gone) return `file version ${file}, of quarantine record ${record}, is not live`
  }
  return undefined
}

function contentConflict(state: LogFacts, draft: EntryDraft): string | undefined {
  const replaced = new Set(draft.files.map((file) => file.replaces))
  const seen = new Map<string, string>()
  for (const file of draft.files) {
    if (file.outcome !== 'loaded') continue
    const twin = seen.get(file.hash) ?? otherTwin(state, file, replaced)
    if (twin !== undefined) return `the bytes of ${file.id} are loaded already, as ${twin}`
    seen.set(file.hash, file.id)
  }
  return undefined
}

function otherTwin(state: LogFacts, file: LedgerFile, replaced: ReadonlySet<string | undefined>): string | undefined {
  for (const id of liveTwins(state, file.hash)) if (id !== file.id && !replaced.has(id)) return id
  return undefined
}
