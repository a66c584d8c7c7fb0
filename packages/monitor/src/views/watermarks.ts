import type { RunRecord, WatermarkRecord } from '@tidegate/core'
import { DAY_MS } from '../days.ts'
import type { Facts } from '../facts.ts'
import { isoTime } from '../figures.ts'
import type { MonitorContext, MonitoredSource } from '../monitored-source.ts'
import { sourceNames } from '../source-names.ts'
import { runsBySource } from '../window-sums.ts'
import { amount, listing } from '../wording.ts'
import { linkTo } from './link.ts'
import { remembered, type ViewCache } from './remembered.ts'
import type { ConfigurationView, WatermarksView, WatermarkStatus, WatermarkStep } from './watermarks-view.ts'

const STUCK_RUNS = 3
const STEPS = 200

/** Where each source's watermark stands and whether it still moves, and what is configured. */
export function watermarks(facts: Facts, context: MonitorContext): WatermarksView {
  return remembered(cache, facts, context, judgeWatermarks)
}

const cache: ViewCache<WatermarksView> = new WeakMap()

function judgeWatermarks(facts: Facts, context: MonitorContext): WatermarksView {
  const names = sourceNames(facts, context)
  const runs = runsBySource(facts)
  const items = names.map((source) =>
    statusOf(
      source,
      context.config.find(({ name }) => name === source),
      facts.watermarks.find((watermark) => watermark.source === source),
      (runs.get(source) ?? []).filter((run) => run.watermarkValue !== null && run.filesLoaded > 0),
      context.nowMs,
    ),
  )
  const stuck = items.filter(({ status }) => status === 'stuck')
  return { summary: summarise(items), items, stuck: stuck.length, configuration: configurationInForce(names, context) }
}

function summarise(items: readonly WatermarkStatus[]): string {
  const having = items.filter(({ status }) => status !== 'none')
  if (having.length === 0) return 'No source has a watermark.'
  const stuck = having.filter(({ status }) => status === 'stuck').map(({ source }) => source)
  const unknown = having.filter(({ status }) => status === 'unknown').length
  const others = unknown === 0 ? '' : `; of ${unknown} nothing was recorded yet`
  return `${amount(having.length, 'watermark')}, ${stuck.length === 0 ? 'none stuck' : `${stuck.length} stuck (${listing(stuck)})`}${others}.`
}

function configurationInForce(names: readonly string[], context: MonitorContext): ConfigurationView {
  const configured = new Set(context.config.map(({ name }) => name))
  return { items: context.config, orphans: names.filter((name) => !configured.has(name)) }
}

function statusOf(
  source: string,
  config: MonitoredSource | undefined,
  watermark: WatermarkRecord | undefined,
  runsNewestFirst: readonly RunRecord[],
  nowMs: number,
): WatermarkStatus {
  const newest = runsNewestFirst[0]?.watermarkValue
  const sameSince = runsNewestFirst.findIndex(({ watermarkValue }) => watermarkValue !== newest)
  // The oldest run of those that left the value as it is brought it there, if the one before had another.
  const same = sameSince === -1 ? runsNewestFirst.length : sameSince
  const advanced = sameSince === -1 ? undefined : runsNewestFirst[sameSince - 1]
  const runsWithoutAdvance = Math.max(0, same - 1)
  const valueMs = watermark === undefined ? null : instantOf(watermark.value)
  return {
    source,
    column: config?.watermark?.column ?? null,
    type: watermark?.type ?? config?.watermark?.type ?? null,
    value: watermark?.value ?? null,
    updatedAt: isoTime(watermark?.updatedAtMs),
    updatedAgeMs: watermark === undefined ? null : nowMs - watermark.updatedAtMs,
    recordsProcessed: watermark?.recordsProcessed ?? null,
    lagMs: watermark === undefined || valueMs === null ? null : lagOf(valueMs, watermark.updatedAtMs, nowMs),
    lastAdvanceAt: advanced === undefined ? null : endOf(advanced),
    runsWithoutAdvance,
    steps: runsNewestFirst
      .slice(0, STEPS)
      .toReversed()
      .map((run) => stepOf(run)),
    stepsTotal: runsNewestFirst.length,
    status: watermarkHealth(config, watermark, runsWithoutAdvance),
    link: linkTo('runs', { source }),
  }
}

function stepOf(run: RunRecord): WatermarkStep {
  const value = run.watermarkValue ?? ''
  return { at: endOf(run), run: run.id, value, valueMs: instantOf(value) }
}

function endOf({ startedAtMs, endedAtMs }: RunRecord): string {
  return isoTime(endedAtMs ?? startedAtMs) ?? ''
}

const OLD_DATA_MS = 366 * DAY_MS

/** How old data are that were old when they came says nothing of a delay. */
function lagOf(valueMs: number, updatedAtMs: number, nowMs: number): number | null {
  return updatedAtMs - valueMs > OLD_DATA_MS ? null : nowMs - valueMs
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

/** A time in the engine's spelling (`2001-01-31 13:05:00.5`, with or without zone; none means UTC); null for what is none. */
function instantOf(value: string): number | null {
  const match = TIME.exec(value.trim())
  if (match === null) return null
  const [, date, time = '00:00:00', zone = 'Z'] = match
  const offset = /^[+-]\d{2}$/.test(zone) ? `${zone}:00` : zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2')
  const instant = Date.parse(`${date}T${time}${offset}`)
  return Number.isNaN(instant) ? null : instant
}
