import type { Capped } from '@tidegate/core'
import type { Facts } from '../facts.ts'

/** Lists that may become shorter, those that are missed least first. Sums stay whole, so every figure stays right. */
const LISTS = [
  { key: 'files', name: 'files', least: 50 },
  { key: 'failedChecks', name: 'failed checks', least: 50 },
  { key: 'failures', name: 'files that could not be read', least: 20 },
  { key: 'held', name: 'held files', least: 50 },
  { key: 'folders', name: 'folders', least: 50 },
  { key: 'runs', name: 'runs', least: 500 },
] as const

/** The facts with every list at most 2^-round as long, or undefined where none can become shorter. */
export function trimFacts(
  facts: Facts,
  round: number,
): { readonly facts: Facts; readonly notes: readonly string[] } | undefined {
  const before = lengths(facts, round - 1)
  const after = lengths(facts, round)
  if (before.every((length, index) => length === after[index])) return undefined
  const notes: string[] = []
  const cut: Record<string, Capped<unknown>> = {}
  for (const [index, { key, name }] of LISTS.entries()) {
    const { items, total } = facts[key] as Capped<unknown>
    const length = after[index] ?? items.length
    if (length === items.length) continue
    cut[key] = { items: items.slice(0, length), total }
    notes.push(`${WHOLE.format(length)} of ${WHOLE.format(total)} ${name}`)
  }
  return { facts: { ...facts, ...(cut as unknown as Partial<Facts>) }, notes }
}

const WHOLE = new Intl.NumberFormat('en-US')

function lengths(facts: Facts, round: number): readonly number[] {
  return LISTS.map(({ key, least }) => {
    const { length } = facts[key].items
    return Math.min(length, Math.max(least, Math.ceil(length / 2 ** round)))
  })
}
