import type { FileRecord, FileVersion, FileVersionId, Reason, SourceConfig } from '@tidegate/core'

/** What is to be done with a new file version, decided before its rows are read. */
export interface WorkItem {
  readonly version: FileVersion
  /** The version whose rows leave the target when this one is loaded. */
  readonly replaces: FileRecord | undefined
  readonly again: boolean
  readonly treatment: Treatment
  /** Path whose live rows are the same bytes and leave in this run: only one commit of both keeps them unique throughout. */
  readonly takesBytesOf?: string | undefined
}

export type Treatment =
  | { readonly kind: 'judge'; readonly warning?: Reason | undefined }
  /** Recorded as seen, not read. */
  | {
      readonly kind: 'skip'
      readonly reason: Reason
      readonly duplicateOf?: FileVersionId | undefined
      /** The rows of the path's older version leave the target: its bytes now are those of a file that is loaded. */
      readonly takesOldRows?: boolean | undefined
    }
  /** Quarantined without a look at its rows. */
  | {
      readonly kind: 'hold'
      readonly reason: Reason
      readonly more?: readonly Reason[] | undefined
      readonly duplicateOf?: FileVersionId | undefined
    }
  /** Neither recorded nor read: a person has to decide. */
  | { readonly kind: 'refuse'; readonly reason: Reason }

export interface TreatmentPolicy {
  readonly duplicates: SourceConfig['duplicates']
  readonly overwrites: SourceConfig['overwrites']
}

/**
 * Decides over duplicates (same bytes live in the dataset under another name, or earlier in this list) and over changed
 * files (another content at a known path). Pure; the order of `versions` decides which of two equal files is the original.
 *
 * An original is only what keeps its rows: not a live version that another one of this list takes the place of (files that
 * rotate names would all be each other's duplicates), and not a version that is skipped or refused itself.
 */
export function decideTreatments(
  versions: readonly {
    readonly version: FileVersion
    readonly replaces: FileRecord | undefined
    readonly again: boolean
  }[],
  liveByHash: ReadonlyMap<string, FileRecord>,
  policy: TreatmentPolicy,
): readonly WorkItem[] {
  const originals = new Map<string, { id: FileVersionId; path: string }>()
  const leaving = new Set(
    policy.overwrites === 'replace'
      ? versions.filter(({ again }) => !again).flatMap(({ replaces }) => (replaces === undefined ? [] : [replaces.id]))
      : [],
  )
  return versions.map(({ version, replaces, again }) => {
    const keepsOld = policy.overwrites === 'append' && !again
    const item = { version, again, replaces: keepsOld ? undefined : replaces }
    const change = treatChange(item.replaces, version, again, policy.overwrites)
    if (change.kind !== 'judge') return { ...item, treatment: change }
    const key = `${version.dataset}\0${version.contentHash}`
    const live = liveByHash.get(key)
    if (live !== undefined && live.path !== version.path && !leaving.has(live.id)) {
      const treatment = treatDuplicate({ ...live, isLive: true }, policy.duplicates)
      // Under --force two live twins must not both step back for the other.
      if (treatment.kind === 'skip' && item.replaces !== undefined) leaving.add(item.replaces.id)
      return { ...item, treatment }
    }
    const earlier = originals.get(key)
    if (earlier !== undefined)
      return { ...item, treatment: treatDuplicate({ ...earlier, isLive: false }, policy.duplicates) }
    originals.set(key, { id: version.id, path: version.path })
    const takesBytesOf = live !== undefined && live.path !== version.path ? live.path : undefined
    return { ...item, treatment: change, ...(takesBytesOf === undefined ? {} : { takesBytesOf }) }
  })
}

/** Live versions whose rows leave the target when all goes as decided; a version that takes its own place stays. */
export function leavingVersions(work: readonly WorkItem[]): ReadonlySet<FileVersionId> {
  return new Set(
    work.flatMap(({ version, replaces, treatment }) => {
      const leaves = treatment.kind === 'judge' || (treatment.kind === 'skip' && treatment.takesOldRows === true)
      return leaves && replaces !== undefined && replaces.id !== version.id ? [replaces.id] : []
    }),
  )
}

/**
 * Items to be treated otherwise now that the files of a batch are judged. A version that is `held` leaves its path's older
 * rows where they are, so a copy of their bytes, which was to be loaded in their place, is a duplicate after all.
 */
export function stepBack(
  batch: readonly WorkItem[],
  held: ReadonlySet<FileVersionId>,
  duplicates: SourceConfig['duplicates'],
): readonly WorkItem[] {
  const items = new Map(batch.map((item) => [item.version.path, item]))
  const back = new Map<string, WorkItem>()
  const stays = (item: WorkItem): boolean => held.has(item.version.id) || item.treatment.kind === 'hold'
  for (let before = -1; before < back.size;) {
    before = back.size
    for (const [path, item] of items) {
      const taken = items.get(item.takesBytesOf ?? '')
      if (item.treatment.kind !== 'judge' || stays(item) || taken?.replaces === undefined || taken.again) continue
      if (!stays(taken)) continue
      const original = { id: taken.replaces.id, path: taken.version.path, isLive: true }
      const treatment = treatDuplicate(original, duplicates)
      if (treatment.kind === 'judge') continue
      const changed = { ...item, treatment }
      items.set(path, changed)
      back.set(path, changed)
    }
  }
  return [...back.values()]
}

interface Original {
  readonly id: FileVersionId
  readonly path: string
  readonly isLive: boolean
}

function treatDuplicate(original: Original, policy: SourceConfig['duplicates']): Treatment {
  const reason: Reason = {
    check: 'DUPLICATE_CONTENT',
    severity: policy === 'warn' ? 'warning' : 'critical',
    message: `same bytes as ${JSON.stringify(original.path)}`,
  }
  switch (policy) {
    case 'skip':
      return {
        kind: 'skip',
        reason: { ...reason, severity: 'info' },
        duplicateOf: original.id,
        takesOldRows: original.isLive,
      }
    case 'quarantine':
      return { kind: 'hold', reason, duplicateOf: original.id }
    case 'warn':
      return { kind: 'judge', warning: reason }
    case 'load':
      return { kind: 'judge' }
  }
}

function treatChange(
  replaces: FileRecord | undefined,
  version: FileVersion,
  again: boolean,
  policy: SourceConfig['overwrites'],
): Treatment {
  if (replaces === undefined || again) return { kind: 'judge' }
  // Two datasets have two logs, and no commit covers both: the old rows cannot leave when the new ones come.
  if (replaces.dataset !== version.dataset && policy === 'replace') {
    const message = `its rows are in dataset ${replaces.dataset}, and the source's template now says ${version.dataset}; give the template back its old value, or begin with a new target`
    return { kind: 'refuse', reason: { check: 'FILE_CHANGED', severity: 'critical', message } }
  }
  const reason: Reason = {
    check: 'FILE_CHANGED',
    severity: policy === 'fail' ? 'critical' : 'info',
    message: `the file changed after version ${replaces.ordinal} of it was loaded (overwrites: ${policy})`,
  }
  if (policy === 'ignore') return { kind: 'skip', reason }
  if (policy === 'fail') return { kind: 'refuse', reason }
  return { kind: 'judge' }
}
