import type { MonitoredSource } from '../monitored-source.ts'
import type { Link } from './link.ts'

export interface WatermarksView {
  readonly summary: string
  readonly items: readonly WatermarkStatus[]
  readonly stuck: number
  /** The configuration in force. */
  readonly configuration: ConfigurationView
}

export interface WatermarkStatus {
  readonly source: string
  /** Null where the configuration names none (any more). */
  readonly column: string | null
  readonly type: string | null
  readonly value: string | null
  readonly updatedAt: string | null
  readonly updatedAgeMs: number | null
  readonly recordsProcessed: number | null
  /**
   * Now minus the value, where the value is a time. Null for data that were more than a year old when they came: their age is
   * no delay.
   */
  readonly lagMs: number | null
  /** When runs last moved it, as far as the facts reach. */
  readonly lastAdvanceAt: string | null
  /** Newest runs in a row that loaded files and did not move it. */
  readonly runsWithoutAdvance: number
  /** Values after runs that loaded something, oldest first: the newest 200 of `stepsTotal`. */
  readonly steps: readonly WatermarkStep[]
  readonly stepsTotal: number
  /**
   * - `none`: no watermark is configured and none was recorded
   * - `unknown`: configured, but nothing was recorded yet
   * - `stuck`: the last three or more runs that loaded files left it where it was
   */
  readonly status: 'moving' | 'stuck' | 'unknown' | 'none'
  /** Its runs. */
  readonly link: Link
}

export interface WatermarkStep {
  readonly at: string
  readonly run: string
  readonly value: string
  /** The value as Unix milliseconds, where it is a time: for drawing. */
  readonly valueMs: number | null
}

export interface ConfigurationView {
  readonly items: readonly MonitoredSource[]
  /** Sources with a history that the configuration does not name (any more). */
  readonly orphans: readonly string[]
}
