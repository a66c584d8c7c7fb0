import { baseOption, shortName, tooltip, type FormatName, type Option } from './option.ts'
import { inkOn, type Palette } from './palette.ts'

export interface TreeNode {
  readonly name: string
  readonly value: number
  /** 0–100, or null where nothing was judged. */
  readonly score: number | null
  readonly href?: string | undefined
  readonly children: readonly TreeNode[]
}

/** Sources, folders and files as rings: the angle is what was asked for (rows or bytes), the colour the score. */
export function sunburstOption(
  roots: readonly TreeNode[],
  format: FormatName,
  palette: Palette,
  summary: string,
): Option {
  return {
    ...baseOption(palette, summary),
    tooltip: tooltip(palette, { trigger: 'item', valueFormatter: format }),
    series: [
      {
        type: 'sunburst',
        radius: ['16%', '96%'],
        nodeClick: 'rootToNode',
        sort: 'desc',
        itemStyle: { borderColor: palette.surface, borderWidth: 1, borderRadius: 2 },
        label: { minAngle: 12, fontSize: 11, overflow: 'truncate', width: 76 },
        emphasis: { focus: 'ancestor' },
        data: roots.map((root) => ringOf(root, palette, 0)),
      },
    ],
  }
}

/** Outer rings have room for short names only; half a file's name says less than none. */
const MOST_LETTERS = 10

function ringOf({ name, value, score, children, href }: TreeNode, palette: Palette, depth: number): Option {
  const colour = scoreColour(score, palette)
  return {
    name: shortName(name, 28),
    value,
    // Thin slices are not all border.
    itemStyle: { color: colour, borderWidth: depth === 0 ? 1.5 : 0.5 },
    label: { color: inkOn(colour), show: depth === 0 || name.length <= MOST_LETTERS },
    ...(href === undefined ? {} : { href }),
    ...(children.length === 0 ? {} : { children: children.map((child) => ringOf(child, palette, depth + 1)) }),
  }
}

/** Scores lie close to 100: below 80 all is bad, and the steps become finer above. */
export function scoreColour(score: number | null, palette: Palette): string {
  if (score === null) return palette.unknown
  const step = SCORE_STEPS.findIndex((least) => score < least)
  return palette.score[step === -1 ? SCORE_STEPS.length : step] ?? palette.unknown
}

export const SCORE_STEPS = [80, 95, 99, 100] as const

export interface TreeSource {
  readonly name: string
  readonly value: number
  readonly score: number | null
  readonly href: () => string | undefined
  readonly children: () => readonly TreeSource[]
}

/** More pieces than these cannot be told apart, nor be drawn while somebody waits. */
const MOST_PIECES = 300
const MOST_RINGS = 3

/** Ring by ring from the middle, largest first, until {@link MOST_PIECES}; what is left of a node is one grey piece. */
export function piecesOf(roots: readonly TreeSource[], most: number = MOST_PIECES): readonly TreeNode[] {
  interface Grown {
    readonly source: TreeSource
    readonly children: Grown[]
    left: number
  }
  let room = most
  const take = (sources: readonly TreeSource[], least: number): { readonly taken: Grown[]; readonly left: number } => {
    const sorted = sources.filter(({ value }) => value > 0).toSorted((a, b) => b.value - a.value)
    const taken = sorted.slice(0, Math.max(least, room)).map((source) => ({ source, children: [], left: 0 }))
    room -= taken.length
    const left = sorted.slice(taken.length).reduce((sum, { value }) => sum + value, 0)
    return { taken, left }
  }
  const first = take(roots, 1)
  let ring = first.taken
  for (let depth = 1; depth < MOST_RINGS; depth += 1) {
    const next: Grown[] = []
    for (const grown of ring.toSorted((a, b) => b.source.value - a.source.value)) {
      if (room <= 0) break
      const { taken, left } = take(grown.source.children(), 0)
      grown.children.push(...taken)
      grown.left = taken.length === 0 ? 0 : left
      next.push(...taken)
    }
    ring = next
  }
  const nodesOf = (grown: readonly Grown[], left: number): readonly TreeNode[] => [
    ...grown.map(({ source, children, left: inside }) => ({
      name: source.name,
      value: source.value,
      score: source.score,
      href: source.href(),
      children: nodesOf(children, inside),
    })),
    ...(left > 0 ? [{ name: 'more', value: left, score: null, children: [] }] : []),
  ]
  return nodesOf(first.taken, first.left)
}
