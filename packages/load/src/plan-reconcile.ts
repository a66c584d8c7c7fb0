import type { LedgerPart, RejectedPart } from '@tidegate/core'

/** What the log says should be where. */
export interface ReconcileWanted {
  readonly live: Iterable<Pick<LedgerPart, 'staged' | 'visible' | 'bytes' | 'hash'>>
  /** Parts taken away: visible path → entry that did it, and where the part was staged. */
  readonly gone: Iterable<readonly [string, { readonly seq: number; readonly staged: string }]>
  readonly rejected: Iterable<Pick<RejectedPart, 'staged' | 'visible' | 'bytes' | 'hash'>>
}

/** What is where: path → bytes. Staged paths and `target` are relative to the target. */
export interface FolderListing {
  readonly staged: ReadonlyMap<string, number>
  readonly target: ReadonlyMap<string, number>
  readonly quarantine: ReadonlyMap<string, number>
}

export type ReconcileStep =
  | { readonly kind: 'retire'; readonly visible: string; readonly staged: string; readonly seq: number }
  | {
      /** `settle`: both names exist; if the bytes are the same the staged one is left over from a copy. */
      readonly kind: 'publish' | 'settle'
      readonly to: 'target' | 'quarantine'
      readonly staged: string
      readonly visible: string
      readonly bytes: number
      readonly hash: string
    }

export type ReconcileProblem =
  | { readonly kind: 'missing'; readonly visible: string }
  | { readonly kind: 'changed'; readonly visible: string; readonly bytes: number; readonly found: number }
  | { readonly kind: 'taken'; readonly to: 'target' | 'quarantine'; readonly visible: string }

export interface ReconcilePlan {
  /** All retirements come before all publications, so that no reader ever sees a row twice. */
  readonly steps: readonly ReconcileStep[]
  readonly problems: readonly ReconcileProblem[]
}

/**
 * Compares log and folder. Pure, and idempotent: after its steps were done, the same log gives an empty plan.
 *
 * A part has one name at any time (staged, visible or retired), because it moves by rename. So a staged file that is not
 * there was moved by someone, and a rejected part that is in neither place was taken from the quarantine by a person.
 */
export function planReconcile(wanted: ReconcileWanted, listing: FolderListing): ReconcilePlan {
  const retire: ReconcileStep[] = []
  const publish: ReconcileStep[] = []
  const problems: ReconcileProblem[] = []
  for (const [visible, { seq, staged }] of wanted.gone) {
    if (listing.target.has(visible) || listing.staged.has(staged)) retire.push({ kind: 'retire', visible, staged, seq })
  }
  for (const part of wanted.live) place('target', part, listing.target.get(part.visible))
  for (const part of wanted.rejected) place('quarantine', part, listing.quarantine.get(part.visible))
  return { steps: [...retire, ...publish], problems }

  function place(
    to: 'target' | 'quarantine',
    { staged, visible, bytes, hash }: Pick<LedgerPart, 'staged' | 'visible' | 'bytes' | 'hash'>,
    found: number | undefined,
  ): void {
    const isStaged = listing.staged.has(staged)
    if (isStaged && found === undefined) publish.push({ kind: 'publish', to, staged, visible, bytes, hash })
    else if (isStaged && found === bytes) publish.push({ kind: 'settle', to, staged, visible, bytes, hash })
    else if (isStaged) problems.push({ kind: 'taken', to, visible })
    else if (to === 'target' && found === undefined) problems.push({ kind: 'missing', visible })
    else if (to === 'target' && found !== bytes) problems.push({ kind: 'changed', visible, bytes, found: found ?? 0 })
  }
}
