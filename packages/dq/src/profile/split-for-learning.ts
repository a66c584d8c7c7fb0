/**
 * Parts items (files, slices) into those to learn from and those to try the result on. Every third is held back,
 * beginning with the second, so both parts spread over the order and the first and oldest is learned from.
 * One item alone is not parted.
 */
export function splitForLearning<T>(items: readonly T[]): {
  readonly learn: readonly T[]
  readonly test: readonly T[]
} {
  return {
    learn: items.filter((_, position) => position % 3 !== 1),
    test: items.filter((_, position) => position % 3 === 1),
  }
}
