import type { BareEngine } from './bare-engine.ts'
import type { ResultRow } from './result-row.ts'

export interface BenchContext {
  /** Rows of the generated table. */
  readonly rows: number
  /** Runs of each contestant. */
  readonly rounds: number
  /** Also what takes minutes. */
  readonly big: boolean
  /** Also what takes a minute or two, in place of what takes longer. */
  readonly quick: boolean
  /** A temporary folder of the section's own; its caller deletes it. */
  readonly folder: string
  /** For laying data and for what is compared with; always open. */
  readonly bare: BareEngine
  /** Progress, to stderr. */
  say(message: string): void
}

/** One section of the benchmark, chosen by name on the command line. */
export interface Section {
  readonly name: string
  readonly about: string
  run(context: BenchContext): Promise<readonly ResultRow[]>
}
