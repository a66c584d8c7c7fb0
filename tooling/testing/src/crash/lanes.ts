/** Something to play: a cell or a chain of random kills. */
export interface Item<Result> {
  readonly name: string
  /** Items of a group start from the same base, so one lane plays them one after another. */
  readonly group: string
  /** About how long it takes beside the others. */
  readonly weight: number
  play(lane: number): Promise<Result>
}

/**
 * Plays everything in so many lanes. A lane stays with its group while there is something in it, then begins the greatest that
 * nobody has begun, then helps with what is left.
 *
 * @param goesOn asked before each
 */
export async function playAll<Result>(
  items: readonly Item<Result>[],
  lanes: number,
  played: (item: Item<Result>, result: Result) => void,
  goesOn: () => boolean,
): Promise<void> {
  const groups = [...Map.groupBy(items, ({ group }) => group).values()].map((group) => ({
    left: [...group],
    lane: undefined as number | undefined,
  }))
  const next = (lane: number): Item<Result> | undefined => {
    const open = groups.filter(({ left }) => left.length > 0).toSorted((a, b) => weightOf(b.left) - weightOf(a.left))
    const group = open.find((one) => one.lane === lane) ?? open.find((one) => one.lane === undefined) ?? open[0]
    if (group === undefined) return undefined
    group.lane ??= lane
    return group.left.shift()
  }
  const run = async (lane: number): Promise<void> => {
    while (goesOn()) {
      const item = next(lane)
      if (item === undefined) return
      played(item, await item.play(lane))
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, lanes) }, (_, lane) => run(lane)))
}

function weightOf(items: readonly Item<unknown>[]): number {
  return items.reduce((sum, { weight }) => sum + weight, 0)
}
