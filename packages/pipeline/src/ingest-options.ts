import type { GateSettings } from '@tidegate/core'

/** How one run takes its files, beside what the configuration says. */
export interface IngestOptions {
  /** Id of the run, where the caller has to know it before. @defaultValue a new one */
  readonly run?: string | undefined
  readonly force: boolean
  readonly retry?: ReadonlySet<string> | undefined
  /** Path → SHA-256: only these files are taken. */
  readonly only?: ReadonlyMap<string, string> | undefined
  /** Id of the plan that says so, for the record of the run. */
  readonly plan?: string | undefined
  readonly workers: number
  readonly gate: GateSettings
  /** Absolute folders that no source may list: targets, quarantine, state. */
  readonly exclude: readonly string[]
}
