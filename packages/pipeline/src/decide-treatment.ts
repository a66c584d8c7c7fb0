import type { Expected } from './control-file.ts'
import type { ResendDecision } from './resend.ts'
import type { FileRecord, FileVersion, FileVersionId, Reason, SourceConfig } from '@tidegate/core'

/** What is to be done with a new file version, decided before its rows are read. */
export interface WorkItem {
  readonly version: FileVersion
  /** The version whose rows leave the target when this one is loaded. */
  readonly replaces: FileRecord | undefined
  /** Held versions of the path that are outdated by this one. Absent: none. */
  readonly overtakes?: readonly FileVersionId[] | undefined
  readonly again: boolean
  readonly treatment: Treatment
  /** Path whose live rows are the same bytes and leave in this run: only one commit of both keeps them unique throughout. */
  readonly takesBytesOf?: string | undefined
  /** What a control file says of it. Its rows are compared when they have been counted. */
  readonly expected?: Expected | undefined
  /** Folder whose files are committed together, or not at all. */
  readonly unit?: string | undefined
  /**
   * Number of the entry that its rows are as old as: it was skipped as a copy of what has left since, and with mode `upsert`
   * its rows must not push out what came after the original. It is committed by itself, once the original has left.
   */
  readonly lateSince?: number | undefined
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

/** What is known of a version before duplicates and changes are looked at. */
export interface Candidate {
  readonly version: FileVersion
  readonly replaces: FileRecord | undefined
  /** Held versions of the path that are older. */
  readonly overtakes?: readonly FileVersionId[] | undefined
  readonly again: boolean
  readonly expected?: Expected | undefined
  readonly unit?: string | undefined
  /** Its name says that it is another edition of a file. */
  readonly resend?: Exclude<ResendDecision, { readonly kind: 'wait' }> | undefined
  /** Settled before a look at anything else: its bytes disagree with the control file, or it was there before the first run. */
  readonly settled?: Treatment | undefined
}

export interface TreatmentPolicy {
  readonly duplicates: SourceConfig['duplicates']
  readonly overwrites: SourceConfig['overwrites']
}

/**
 * Decides over duplicates (same bytes live in the dataset under another name, or earlier in this list) and over changed
 * files (another content at a known path). Pure; the order of `versions` decides which of two equal files is the original.
 *
 * An original is only what keeps its rows: not a live version that another one of this list takes the place of (files that
 * rotate names would all be each other's duplicates), and not a version that is skipped or refused itself. Which live
 * versions leave depends on what is decided, so it is decided again until none was counted on that stays after all.
 */
export function decideTreatments(
  versions: readonly Candidate[],
  liveByHash: ReadonlyMap<string, FileRecord>,
  policy: TreatmentPolicy,
): readonly WorkItem[] {
  let leaving: ReadonlySet<FileVersionId> = new Set(
    versions.flatMap(({ replaces, again, resend, settled }) => {
      if (again || settled !== undefined) return []
      if (resend !== undefined) return resend.kind === 'replace' ? [resend.replaces.id] : []
      return policy.overwrites === 'replace' && replaces !== undefined ? [replaces.id] : []
    }),
  )
  for (let passes = 1; ; passes++) {
    const work = decideOnce(versions, liveByHash, policy, new Set(leaving))
    const left = leavingVersions(work)
    const stayed = work.flatMap(({ takesBytesOf, version }) => {
      const live = takesBytesOf === undefined ? undefined : liveByHash.get(bytesKey(version))
      return live !== undefined && leaving.has(live.id) && !left.has(live.id) ? [live.id] : []
    })
    const gone = work.some(({ treatment }) => 'duplicateOf' in treatment && left.has(treatment.duplicateOf ?? ''))
    if (stayed.length === 0 && (!gone || passes > PASSES)) return work
    // A copy of what went after all is loaded by the next run; twice loaded is what must not be.
    leaving = passes < PASSES ? left : leaving.difference(new Set(stayed))
  }
}

/** Two or three are enough, but for what goes round in a ring. */
const PASSES = 20

function bytesKey({ dataset, contentHash }: FileVersion): string {
  return `${dataset}\0${contentHash}`
}

function decideOnce(
  versions: readonly Candidate[],
  liveByHash: ReadonlyMap<string, FileRecord>,
  policy: TreatmentPolicy,
  leaving: Set<FileVersionId>,
): readonly WorkItem[] {
  const originals = new Map<string, { id: FileVersionId; path: string }>()
  return versions.map((candidate) => {
    const { version, again, resend } = candidate
    const resent = resend?.kind === 'replace' && !again ? resend.replaces : undefined
    const keepsOld = policy.overwrites === 'append' && !again
    const item = {
      version,
      again,
      replaces: resent ?? (keepsOld ? undefined : candidate.replaces),
      ...(policy.overwrites === 'append' || !candidate.overtakes?.length ? {} : { overtakes: candidate.overtakes }),
      expected: candidate.expected,
      unit: candidate.unit,
    }
    const change = candidate.settled ?? treatEdition(resend, again) ?? treatChange(item, resent, policy.overwrites)
    if (change.kind !== 'judge') return { ...item, treatment: change }
    const key = bytesKey(version)
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

/** Undefined where its edition says nothing against it. */
function treatEdition(resend: Candidate['resend'], again: boolean): Treatment | undefined {
  return resend === undefined || resend.kind === 'replace' || again ? undefined : resend
}

function treatChange(
  { version, replaces, again }: Pick<WorkItem, 'version' | 'replaces' | 'again'>,
  resent: FileRecord | undefined,
  policy: SourceConfig['overwrites'],
): Treatment {
  if (replaces === undefined || again || resent !== undefined) return { kind: 'judge' }
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
