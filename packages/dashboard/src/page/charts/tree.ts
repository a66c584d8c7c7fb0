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
        minAngle: 1,
        itemStyle: { borderColor: palette.surface, borderWidth: 1.5, borderRadius: 3 },
        label: { minAngle: 9, fontSize: 11, overflow: 'truncate', width: 88 },
        emphasis: { focus: 'ancestor' },
        data: roots.map((root) => ringOf(root, palette)),
      },
    ],
  }
}

function ringOf({ name, value, score, children, href }: TreeNode, palette: Palette): Option {
  const colour = scoreColour(score, palette)
  return {
    name: shortName(name, 28),
    value,
    itemStyle: { color: colour },
    label: { color: inkOn(colour) },
    ...(href === undefined ? {} : { href }),
    ...(children.length === 0 ? {} : { children: children.map((child) => ringOf(child, palette)) }),
  }
}

/** Scores lie close to 100: below 80 all is bad, and the steps become finer above. */
export function scoreColour(score: number | null, palette: Palette): string {
  if (score === null) return palette.unknown
  const step = SCORE_STEPS.findIndex((least) => score < least)
  return palette.score[step === -1 ? SCORE_STEPS.length : step] ?? palette.unknown
}

export const SCORE_STEPS = [80, 95, 99, 100] as const
