/** Milliseconds that `work` takes, monotonic. */
export async function timeMs(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now()
  await work()
  return performance.now() - startedMs
}

/** Best times in milliseconds, one per contestant, in the order given. */
export type BestTimes<Names extends string> = Readonly<Record<Names, number>>

/**
 * Runs the contestants in turns (A, B, A, B, …) and keeps the shortest time of each: on a machine that others use too, the
 * shortest time is the one least disturbed, and taking turns spreads the disturbance evenly. A contestant that measures
 * itself (another process, say) returns its milliseconds; the others return nothing.
 */
export async function race<Names extends string>(
  rounds: number,
  contestants: Readonly<Record<Names, (round: number) => Promise<number | void>>>,
): Promise<BestTimes<Names>> {
  const best = new Map<string, number>()
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, run] of Object.entries<(round: number) => Promise<number | void>>(contestants)) {
      const startedMs = performance.now()
      const own = await run(round)
      const took = own ?? performance.now() - startedMs
      best.set(name, Math.min(took, best.get(name) ?? Number.POSITIVE_INFINITY))
    }
  }
  return Object.fromEntries(best) as Record<Names, number>
}
