/** A way in which one file stands out, before the file has a name: `at` is its position among those compared. */
export interface Oddity {
  readonly at: number
  /** For people. */
  readonly what: string
  /** The type of expectation that would have to be wider if the file were learned from, or `schema`. */
  readonly check: string
}

/** One way in which one file stands out from all the others. */
export interface OddFile {
  readonly key: string
  /** What people call the file. */
  readonly file: string
  /** Undefined where it concerns the file as a whole. */
  readonly column: string | undefined
  /** For people, e.g. `max 9,999 where the other 25 files stay at or below 1,688`. */
  readonly what: string
  /** The type of expectation that would have to be wider if the file were learned from, or `schema`. */
  readonly check: Oddity['check']
}

/** `the other 25 files`. With two odd files of 26, the other 24. */
export function otherFiles(count: number): string {
  return `the other ${count} files`
}
