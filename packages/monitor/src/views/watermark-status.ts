import type { RunRecord, WatermarkRecord } from '@tidegate/core'
import { bySource, isoTime } from '../figures.ts'
import type { History } from '../history.ts'
import type { MonitorContext, MonitoredSource } from '../monitored-source.ts'
import { sourceNames } from '../source-names.ts'

export interface WatermarkStatusView {
  readonly items: readonly WatermarkStatus[]
  readonly stuck: number
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
  /** Now minus the value, where the value is a time. */
  readonly lagMs: number | null
  /** When runs last moved it, as far as the window shows. */
  readonly lastAdvanceAt: string | null
  /** Newest runs in a row that loaded files and did not move it. */
  readonly runsWithoutAdvance: number
  /** Values after each run that loaded something, oldest first. */
  readonly steps: readonly { readonly at: string; readonly run: string; readonly value: string }[]
  /**
   * - `none`: no watermark is configured and none was recorded
   * - `unknown`: configured, but nothing was recorded yet
   * - `stuck`: the last three or more runs that loaded files left it where it was
   */
  readonly status: 'moving' | 'stuck' | 'unknown' | 'none'
}

const STUCK_RUNS = 3

/** Where each source's watermark stands and whether it still moves. */
export function watermarkStatus(history: History, context: MonitorContext): WatermarkStatusView {
  const moving = bySource(history.runs.filter((run) => run.watermarkValue !== null && run.filesLoaded > 0))
  const items = sourceNames(history, context).map((source) =>
    statusOf(
      source,
      context.config.find(({ name }) => name === source),
      history.watermarks.find((watermark) => watermark.source === source),
      moving(source),
      context.nowMs,
    ),
  )
  return { items, stuck: items.filter(({ status }) => status === 'stuck').length }
}

function statusOf(
  source: string,
  config: MonitoredSource | undefined,
  watermark: WatermarkRecord | undefined,
  runsNewestFirst: readonly RunRecord[],
  nowMs: number,
): WatermarkStatus {
  const steps = runsNewestFirst.toReversed().map((run) => ({
    at: isoTime(run.endedAtMs ?? run.startedAtMs) ?? '',
    run: run.id,
    value: run.watermarkValue ?? '',
  }))
  const advances = steps.filter((step, index) => index > 0 && step.value !== steps[index - 1]?.value)
  const lastValue = steps.at(-1)?.value
  const lastChange = steps.findLastIndex(({ value }) => value !== lastValue)
  const runsWithoutAdvance = Math.max(0, steps.length - 2 - lastChange)
  const type = watermark?.type ?? config?.watermark?.type ?? null
  return {
    source,
    column: config?.watermark?.column ?? null,
    type,
    value: watermark?.value ?? null,
    updatedAt: isoTime(watermark?.updatedAtMs),
    updatedAgeMs: watermark === undefined ? null : nowMs - watermark.updatedAtMs,
    recordsProcessed: watermark?.recordsProcessed ?? null,
    lagMs: watermark === undefined ? null : lagOf(watermark.value, nowMs),
    lastAdvanceAt: advances.at(-1)?.at ?? null,
    runsWithoutAdvance,
    steps,
    status: watermarkHealth(config, watermark, runsWithoutAdvance),
  }
}

function watermarkHealth(
  config: MonitoredSource | undefined,
  watermark: WatermarkRecord | undefined,
  runsWithoutAdvance: number,
): WatermarkStatus['status'] {
  if (watermark === undefined) return (config?.watermark ?? null) === null ? 'none' : 'unknown'
  return runsWithoutAdvance >= STUCK_RUNS ? 'stuck' : 'moving'
}

const TIME = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}(?::?\d{2})?)?)?$/

/** Now minus a time in the engine's spelling (`2001-01-31 13:05:00.5`, with or without zone; none means UTC). */
function lagOf(value: string, nowMs: number): number | null {
  const match = TIME.exec(value.trim())
  if (match === null) return null
  const [, date, time = '00:00:00', zone = 'Z'] = match
  const offset = /^[+-]\d{2}$/.test(zone) ? `${zone}:00` : zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2')
  const instant = Date.parse(`${date}T${time}${offset}`)
  return Number.isNaN(instant) ? null : nowMs - instant
}
