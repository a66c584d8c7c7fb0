/** Green is earned: without evidence the answer is `unknown`, and unknown is worse than ok. */
export type Health = 'ok' | 'unknown' | 'warn' | 'bad'

export const HEALTH_RANK: Readonly<Record<Health, number>> = { ok: 0, unknown: 1, warn: 2, bad: 3 }

/** The worst of them; unknown of none. */
export function worstHealth(healths: readonly Health[]): Health {
  const first = healths[0] ?? 'unknown'
  return healths.reduce((worst, health) => (HEALTH_RANK[health] > HEALTH_RANK[worst] ? health : worst), first)
}
