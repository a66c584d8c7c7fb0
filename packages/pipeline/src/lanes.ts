import type { Session } from '@tidegate/core'
import type { PipelineEffects } from './effects.ts'
import { openEngine } from './open-engine.ts'
import { mapParallel } from './parallel.ts'

/** Sessions of one engine for work that goes side by side; the first is also the one for everything else. */
export type Lanes = readonly [Session, ...Session[]]

/**
 * Two: while one statement is in its last, narrow part (the end of a sort, a part being hashed), the other keeps the cores
 * busy. More were not faster on two cores, and each may hold a file's row groups in memory.
 */
const LANES = 2

/** @throws TidegateError `ENGINE_START` */
export async function openLanes(effects: Pick<PipelineEffects, 'openSession'>): Promise<Lanes> {
  const first = await openEngine(effects)
  const others = await Promise.allSettled(Array.from({ length: LANES - 1 }, () => effects.openSession()))
  // One lane is enough to work; if the engine died meanwhile, the first statement on it will say so.
  return [first, ...others.flatMap((other) => (other.status === 'fulfilled' ? [other.value] : []))]
}

export async function closeLanes(lanes: Lanes): Promise<void> {
  await Promise.all(lanes.map((session) => session.close().catch(() => {})))
}

/** Runs `work` over the items, one at a time per lane. Items begin in order; the first failure stops new ones and is thrown. */
export async function mapLanes<Item, Result>(
  items: readonly Item[],
  lanes: Lanes,
  work: (item: Item, session: Session) => Promise<Result>,
): Promise<Result[]> {
  const free = [...lanes]
  return mapParallel(items, lanes.length, async (item) => {
    const session = free.pop() ?? lanes[0]
    try {
      return await work(item, session)
    } finally {
      free.push(session)
    }
  })
}
