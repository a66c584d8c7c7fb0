import { assertNever } from '@tidegate/core'
import type { Pattern } from './syntax.ts'

/** Fewest and most characters that something can match. */
export type Width = readonly [least: number, most: number]

/** @param groups widths of the groups so far, from group 1 on; undefined while open */
export function widthOf(pattern: Pattern, groups: readonly (Width | undefined)[]): Width {
  switch (pattern.kind) {
    case 'set':
      return [1, 1]
    case 'place':
    case 'look':
      return [0, 0]
    case 'sequence': {
      const widths = pattern.items.map((item) => widthOf(item, groups))
      return [sum(widths.map(([least]) => least)), sum(widths.map(([, most]) => most))]
    }
    case 'choice': {
      const widths = pattern.items.map((item) => widthOf(item, groups))
      return [Math.min(...widths.map(([least]) => least)), Math.max(...widths.map(([, most]) => most))]
    }
    case 'group':
    case 'atomic':
      return widthOf(pattern.item, groups)
    case 'repeat': {
      const [least, most] = widthOf(pattern.item, groups)
      return [least * pattern.min, most === 0 ? 0 : most * pattern.max]
    }
    case 'reference':
      return groups[pattern.group - 1] ?? [0, 0]
    case 'conditional': {
      const yes = widthOf(pattern.yes, groups)
      const no = pattern.no === undefined ? ([0, 0] as const) : widthOf(pattern.no, groups)
      return [Math.min(yes[0], no[0]), Math.max(yes[1], no[1])]
    }
    default:
      return assertNever(pattern)
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
