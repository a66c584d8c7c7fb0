import type { Destination } from '@tidegate/core'
import type { ConservationBreak, IndexDifference } from '@tidegate/state'
import type { Project } from './open-project.ts'
import { knownTargets } from './rebuild-state.ts'

export interface VerifiedState {
  /** Locations of the ledgers that were read. */
  readonly ledgers: readonly string[]
  /** The first ones, `limit` at most. */
  readonly differences: readonly IndexDifference[]
  readonly total: number
  /** Where the index's own counts contradict each other (invariant 3). */
  readonly breaks: readonly ConservationBreak[]
}

/** Compares the index with the commit logs beside the data. Reads the targets and the state, changes neither. */
export async function verifyState(project: Project, limit: number = 100): Promise<VerifiedState> {
  const opened = new Map<string, Destination>()
  try {
    for (const { source, dataset } of await knownTargets(project)) {
      const destination = await project.effects.openDestination(source, dataset, { onMissing: 'report' })
      if (opened.has(destination.location)) await destination.close()
      else opened.set(destination.location, destination)
    }
    const differences: IndexDifference[] = []
    let total = 0
    const ledgers = [...opened].map(([location, destination]) => ({
      location,
      tail: (since: number) => destination.tail(since),
    }))
    for await (const difference of project.state.verifyIndex(ledgers)) {
      total += 1
      if (differences.length < limit) differences.push(difference)
    }
    return {
      ledgers: [...opened.keys()].toSorted(),
      differences,
      total,
      breaks: await project.state.checkConservation(),
    }
  } finally {
    for (const destination of opened.values()) await destination.close()
  }
}
