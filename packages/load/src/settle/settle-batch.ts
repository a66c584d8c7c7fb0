/**
 * From the rows that a batch staged, and those that are live, to what its entry adds and takes away. In this order:
 *
 *   (1) Of staged rows with equal keys one stays.                      [findLosers]
 *   (2) Live parts leave by mode `replace`, or stay and the staged ones go. [planReplace, partsThatYield]
 *   (3) Live rows leave by key, or win against the staged one.         [findMatches]
 *   (4) Rows of `leaving` leave; whole parts by name, shared ones are written anew. [spansOf]
 *   (5) What stays of staged and live parts that lost rows is written. [rewriteParts]
 *   (6) Staged parts are split by partition.                           [splitParts]
 */
import { dirname } from 'node:path'
import type { LedgerPart, SettleRequest, Settlement } from '@tidegate/core'
import { rangesOf, sumRows } from '../part-ranges.ts'
import { findLosers, findMatches, spanRows, spansOf } from './find-rows.ts'
import { locateParts } from './locate-parts.ts'
import { partsThatYield, planReplace } from './plan-replace.ts'
import { rewriteParts, type Rewritten } from './rewrite-parts.ts'
import { bothGone, NONE, type GoneRows, type SettleContext } from './settle-context.ts'
import { splitParts } from './split-parts.ts'

/** @param live the parts after the last entry, and its number; asked only if they matter */
export async function settleBatch(
  context: SettleContext,
  staged: readonly LedgerPart[],
  { leaving, yieldTo }: SettleRequest,
  live: () => Promise<{ readonly lastSeq: number; readonly parts: readonly LedgerPart[] }>,
): Promise<Settlement> {
  const { plan } = context
  const replaces = plan.mode === 'replace' && staged.length > 0
  const upserts = plan.mode === 'upsert' && staged.length > 0
  const state = replaces || upserts || leaving.size > 0 ? await live() : { lastSeq: 0, parts: [] }
  const lost = await loseByKey(context, staged)
  const whole = state.parts.filter((part) => part.files.every((file) => leaving.has(file)))
  const others = state.parts.filter((part) => part.files.some((file) => !leaving.has(file)))
  if (replaces)
    return settleReplace(context, await dropRows(context, staged, lost), whole, others, {
      leaving,
      yieldTo,
      basedOn: state.lastSeq,
    })

  const spans = spansOf(others, leaving)
  const pathOf = await locateParts(
    context,
    upserts ? others : others.filter((_, at) => spans.some(({ part }) => part === at)),
  )
  const matches =
    upserts && others.length > 0
      ? await findMatches(
          context,
          staged,
          lost ?? NONE,
          others.map(pathOf),
          spans,
          spansOf(others, yieldTo ?? new Set()),
        )
      : undefined
  const { add, dropped } = await dropRows(
    context,
    staged,
    matches === undefined ? lost : bothGone(lost ?? NONE, matches.staged),
  )
  const gone = matches === undefined ? spanRows(spans) : bothGone(spanRows(spans), matches.live)
  const touched = matches === undefined && spans.length === 0 ? [] : await rewriteParts(context, others, pathOf, gone)
  return {
    add: [...(await splitParts(context, add)), ...keptParts(context, touched)],
    remove: [...whole, ...touched.map(({ part }) => part)].map((part) => part.visible),
    superseded: sumRows(touched.flatMap((part) => part.gone).filter(({ file }) => !leaving.has(file))),
    dropped,
    basedOn: upserts ? state.lastSeq : undefined,
  }
}

interface Fresh {
  readonly add: readonly LedgerPart[]
  readonly dropped: Settlement['dropped']
}

async function settleReplace(
  context: SettleContext,
  { add, dropped }: Fresh,
  whole: readonly LedgerPart[],
  others: readonly LedgerPart[],
  { leaving, yieldTo = new Set(), basedOn }: SettleRequest & Pick<Settlement, 'basedOn'>,
): Promise<Settlement> {
  const all = await splitParts(context, add)
  const late = partsThatYield(others, all, context.plan, yieldTo)
  for (const part of late) await context.discard(part.staged)
  const split = all.filter((part) => !late.includes(part))
  const { remove, stay, superseded } = planReplace(others, split, context.plan, leaving)
  const spans = spansOf(stay, leaving)
  const pathOf = await locateParts(
    context,
    stay.filter((_, at) => spans.some(({ part }) => part === at)),
  )
  const touched = spans.length === 0 ? [] : await rewriteParts(context, stay, pathOf, spanRows(spans))
  return {
    add: [...split, ...keptParts(context, touched)],
    remove: [...whole, ...remove, ...touched.map(({ part }) => part)].map((part) => part.visible),
    superseded,
    dropped: sumRows([...dropped, ...late.flatMap(rangesOf)]),
    basedOn,
  }
}

/** Rows that lose against another of the batch. */
async function loseByKey(context: SettleContext, staged: readonly LedgerPart[]): Promise<GoneRows | undefined> {
  const { plan } = context
  const keys = plan.mode === 'upsert' ? plan.keys : (plan.dedup?.keys ?? [])
  if (keys.length === 0 || staged.length === 0) return undefined
  return findLosers(context, staged, keys, plan.dedup?.orderBy)
}

/** The staged parts without the rows that are lost. */
async function dropRows(
  context: SettleContext,
  staged: readonly LedgerPart[],
  lost: GoneRows | undefined,
): Promise<Fresh> {
  if (lost === undefined) return { add: staged, dropped: [] }
  const rewritten = await rewriteParts(context, staged, (part) => part.staged, lost)
  const byPart = new Map<LedgerPart, Rewritten>(rewritten.map((item) => [item.part, item]))
  for (const { part } of rewritten) await context.discard(part.staged)
  return {
    add: staged.flatMap((part) => (byPart.has(part) ? (byPart.get(part)?.kept ?? []) : part)),
    dropped: sumRows(rewritten.flatMap(({ gone }) => gone)),
  }
}

/** What was kept of live parts, under names that nobody had. */
function keptParts({ batch }: SettleContext, touched: readonly Rewritten[]): readonly LedgerPart[] {
  return touched.flatMap(({ kept }, at) => {
    if (kept === undefined) return []
    const above = dirname(kept.visible) === '.' ? '' : `${dirname(kept.visible)}/`
    return { ...kept, visible: `${above}part-${batch.batch}-kept-${String(at).padStart(5, '0')}.parquet` }
  })
}
