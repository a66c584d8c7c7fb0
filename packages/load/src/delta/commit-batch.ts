/**
 * One batch into the log. The steps, each of which may be the last before a crash:
 *
 *   claim the attempt → seal the manifest → place the parts → link the commit
 *
 *   (1) Only one manifest per batch exists. Who finds that of another attempt finishes it first: either way the batch then
 *       has its entry, or can never get it.                                                            [settleOther]
 *   (2) The commit N+1 is made only by one who has read all up to N, found the batch and its files absent, and seen the
 *       manifest and every part in place.                                                              [link]
 *   (3) A manifest is dropped only when the log refuses it. Who slept meanwhile and still wants to commit it will find
 *       its number taken, read on, and be refused as well.                                             [dropSealed]
 */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { codeOf, TidegateError, type CommitOutcome, type EntryDraft } from '@tidegate/core'
import { fsyncFolder } from '@tidegate/storage'
import { claimAttempt, unclaimAttempt } from '../attempts.ts'
import { checkConservation } from '../check-conservation.ts'
import { attemptsOf } from '../draft-parts.ts'
import { judgeDraft } from '../judge-draft.ts'
import type { LogState } from '../log-state.ts'
import { appendOnly } from './append-only.ts'
import { serializeCommit, type DeltaCommit } from './actions.ts'
import { TEMP } from './layout.ts'
import { dropManifest } from './drop-manifest.ts'
import { commitName, DELTA_LOG } from './list-log.ts'
import { draftOfManifest, isSameAttempt, manifestOf, readManifest, sealManifest, type Manifest } from './manifest.ts'
import type { DeltaMark } from './mark.ts'
import type { DeltaLedger } from './open-ledger.ts'
import { assertInPlace, placeParts, takeBack } from './place-parts.ts'
import { planCommit } from './plan-commit.ts'
import { putIfAbsent } from './put-if-absent.ts'
import { assertSupported } from './supported.ts'

export interface CommitContext {
  readonly directory: string
  readonly ledger: DeltaLedger
  readonly mark: DeltaMark
  /** Unix milliseconds. */
  readonly now: () => number
}

type Refusal = Exclude<CommitOutcome, { readonly kind: 'committed' }>

/** Commits a draft of this process. @throws TARGET_APPEND_ONLY, LEDGER_CONSERVATION, LEDGER_ATTEMPT_DROPPED, DELTA_… */
export async function commitDraft(context: CommitContext, draft: EntryDraft): Promise<CommitOutcome> {
  const { directory, ledger, mark } = context
  await ledger.refresh()
  // A held file that is judged again replaces itself. If it was loaded meanwhile, that is a conflict and no mistake.
  const fresh = draft.files.filter(({ id, replaces }) => id !== replaces)
  if (!ledger.state().batches.has(draft.batch.batch)) assertAppends(ledger.state(), { ...draft, files: fresh })
  const manifest = manifestOf(draft)
  // Most refusals come before anything was done, and leave nothing to undo.
  const step = await nextStep(context, manifest)
  if (step.kind !== 'ok') return step
  assertAppends(ledger.state(), draft)
  const attempts = attemptsOf(manifest.entry)
  for (const attempt of attempts) await claimAttempt(directory, attempt, draft.fence)
  if (attempts.size > 0) mark('attempt-claimed', { batch: draft.batch.batch })
  try {
    while (!(await sealManifest(directory, manifest))) {
      if (await isSealed(directory, manifest)) break
      const settled = await settleOther(context, draft.batch.batch)
      if (settled === undefined) continue
      await unclaim(directory, attempts)
      return settled
    }
    mark('manifest-sealed', { batch: draft.batch.batch })
  } catch (error) {
    await unclaim(directory, attempts)
    throw error
  }
  const outcome = await commitSealed(context, manifest)
  // A recovery of another process may have been faster: with our manifest, so it is our commit.
  return outcome.kind === 'already-committed' ? { kind: 'committed', entry: outcome.entry } : outcome
}

/**
 * Commits a sealed manifest, of this or of a dead process. One that the log refuses is dropped.
 *
 * @throws LEDGER_ATTEMPT_DROPPED if its parts are gone; it is dropped then, too
 */
export async function commitSealed(context: CommitContext, manifest: Manifest): Promise<CommitOutcome> {
  const { directory, mark } = context
  try {
    await placeParts(directory, manifest.entry.add, (part) => mark('part-placed', { visible: part.visible }))
    const outcome = await link(context, manifest)
    if (outcome.kind === 'conflict' || outcome.kind === 'stale') await dropSealed(directory, manifest)
    return outcome
  } catch (error) {
    // Whatever else went wrong, the manifest stays sealed: the commit may be there, or may come with the next recovery.
    if (codeOf(error) === 'LEDGER_ATTEMPT_DROPPED') await dropIfAbsent(context, manifest)
    throw error
  }
}

async function link(context: CommitContext, manifest: Manifest): Promise<CommitOutcome> {
  const { directory, ledger, mark } = context
  const { batch } = manifest.entry
  for (;;) {
    const step = await nextStep(context, manifest)
    if (step.kind !== 'ok') return step
    await assertInPlace(directory, manifest.entry.add)
    await assertSealed(directory, manifest)
    const { version, seq } = step
    const detail = { batch, seq: String(seq), version: String(version) }
    const linked = await putIfAbsent(
      join(directory, DELTA_LOG),
      commitName(version),
      serializeCommit(step.commit),
      join(directory, TEMP),
      { written: () => mark('entry-temp-written', detail), linked: () => mark('entry-linked', detail) },
    )
    if (!linked) continue
    mark('entry-durable', detail)
    await ledger.refresh()
    const entry = await ledger.entry(batch)
    if (entry === undefined) throw lost(batch)
    return { kind: 'committed', entry }
  }
}

type NextStep =
  | Refusal
  | { readonly kind: 'ok'; readonly version: number; readonly seq: number; readonly commit: DeltaCommit }

/** Reads on and says what the next commit would be. @throws DELTA_UNSUPPORTED, LEDGER_CONSERVATION */
async function nextStep(context: CommitContext, manifest: Manifest): Promise<NextStep> {
  const { directory, ledger, now } = context
  await ledger.refresh()
  const refused = await refusal(context, draftOfManifest(manifest))
  if (refused !== undefined) return refused
  const snapshot = ledger.snapshot()
  if (snapshot.protocol !== undefined && snapshot.metaData !== undefined) {
    assertSupported(directory, snapshot.protocol, snapshot.metaData)
  }
  const seq = ledger.state().lastSeq + 1
  const plan = planCommit(snapshot, manifest, { seq, now: now(), newTableId: randomUUID() })
  return plan.kind === 'ok' ? { ...plan, seq, version: snapshot.version + 1 } : plan
}

/** What the log says against this draft; undefined if nothing. */
async function refusal({ directory, ledger }: CommitContext, draft: EntryDraft): Promise<Refusal | undefined> {
  const state = ledger.state()
  const judgement = judgeDraft(state, draft)
  if (judgement.kind === 'already-committed') {
    const entry = await ledger.entry(draft.batch.batch)
    if (entry === undefined) throw lost(draft.batch.batch)
    // Its writer may have died between link and sync.
    await fsyncFolder(join(directory, DELTA_LOG))
    return { kind: 'already-committed', entry }
  }
  if (judgement.kind !== 'ok') return judgement
  checkConservation(state, draft, true)
  return undefined
}

/** Another attempt of this batch got as far as its manifest. Undefined: it is out of the way now. */
async function settleOther(context: CommitContext, batch: string): Promise<Refusal | undefined> {
  const other = await readManifest(context.directory, batch)
  if (other === undefined) return undefined
  try {
    const outcome = await commitSealed(context, other)
    if (outcome.kind === 'committed') return { kind: 'already-committed', entry: outcome.entry }
    return outcome.kind === 'already-committed' ? outcome : undefined
  } catch (error) {
    if (codeOf(error) === 'LEDGER_ATTEMPT_DROPPED') return undefined
    throw error
  }
}

/** Takes a refused batch out of the table and lets its attempt be tidied up. The manifest goes last: it names the parts. */
async function dropSealed(directory: string, manifest: Manifest): Promise<void> {
  await takeBack(directory, manifest.entry.add)
  await dropManifest(directory, manifest)
  await unclaim(directory, attemptsOf(manifest.entry))
}

async function dropIfAbsent({ directory, ledger }: CommitContext, manifest: Manifest): Promise<void> {
  await ledger.refresh()
  const { batch } = manifest.entry
  if (!ledger.state().batches.has(batch) && (await isSealed(directory, manifest))) await dropSealed(directory, manifest)
}

/** Whether the manifest on disk is this one, of this attempt. */
async function isSealed(directory: string, manifest: Manifest): Promise<boolean> {
  const sealed = await readManifest(directory, manifest.entry.batch)
  return sealed !== undefined && isSameAttempt(sealed, manifest)
}

/** Comes after the log was read: a manifest is dropped only when the log refuses it, so a number read by now protects it. */
async function assertSealed(directory: string, manifest: Manifest): Promise<void> {
  if (await isSealed(directory, manifest)) return
  throw new TidegateError('LEDGER_ATTEMPT_DROPPED', `The manifest of batch ${manifest.entry.batch} is gone.`, {
    hint: 'Another writer recovered this table meanwhile; run again.',
    retryable: true,
    dataNow: 'Nothing was committed.',
  })
}

function assertAppends(state: LogState, draft: Pick<EntryDraft, 'files' | 'remove'>): void {
  const replaced = draft.files.find(({ replaces }) => {
    const fate = replaces === undefined ? undefined : state.files.get(replaces)
    return fate?.live === true && fate.parts.length > 0
  })
  if (draft.remove.length === 0 && replaced === undefined) return
  throw appendOnly(
    replaced === undefined ? 'the batch takes parts out' : `${replaced.id} would replace rows of ${replaced.replaces}`,
  )
}

async function unclaim(directory: string, attempts: ReadonlySet<string>): Promise<void> {
  for (const attempt of attempts) await unclaimAttempt(directory, attempt)
}

function lost(batch: string): TidegateError {
  return new TidegateError('LEDGER_CORRUPT', `The entry of batch ${batch} vanished from the log.`)
}
