import type { RunRecord, WatermarkRecord } from '@tidegate/core'
import type { Facts } from '../facts.ts'
import { bySource, isoTime } from '../figures.ts'
import type { MonitorContext, MonitoredSource } from '../monitored-source.ts'
import { sourceNames } from '../source-names.ts'
import { amount, listing } from '../wording.ts'
import { linkTo } from './link.ts'
import type { ConfigurationView, WatermarksView, WatermarkStatus } from './watermarks-view.ts'

const STUCK_RUNS = 3
const STEPS = 200

/** Where each source's watermark stands and whether it still moves, and what is configured. */
export function watermarks(facts: Facts, context: MonitorContext): WatermarksView {
  const names = sourceNames(facts, context)
  const moving = bySource(facts.runs.items.filter((run) => run.watermarkValue !== null && run.filesLoaded > 0))
  const items = names.map((source) =>
    statusOf(
      source,
      context.config.find(({ name }) => name === source),
      facts.watermarks.find((watermark) => watermark.source === source),
      moving(source),
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
  const steps = runsNewestFirst.toReversed().map((run) => ({
    at: isoTime(run.endedAtMs ?? run.startedAtMs) ?? '',
    run: run.id,
    value: run.watermarkValue ?? '',
  }))
  const advances = steps.filter((step, index) => index > 0 && step.value !== steps[index - 1]?.value)
  const lastValue = steps.at(-1)?.value
  const lastChange = steps.findLastIndex(({ value }) => value !== lastValue)
  const runsWithoutAdvance = Math.max(0, steps.length - 2 - lastChange)
  const valueMs = watermark === undefined ? null : instantOf(watermark.value)
  return {
    source,
    column: config?.watermark?.column ?? null,
    type: watermark?.type ?? config?.watermark?.type ?? null,
    value: watermark?.value ?? null,
    updatedAt: isoTime(watermark?.updatedAtMs),
    updatedAgeMs: watermark === undefined ? null : nowMs - watermark.updatedAtMs,
    recordsProcessed: watermark?.recordsProcessed ?? null,
    lagMs: valueMs === null ? null : nowMs - valueMs,
    lastAdvanceAt: advances.at(-1)?.at ?? null,
    runsWithoutAdvance,
    steps: steps.slice(-STEPS).map((step) => ({ ...step, valueMs: instantOf(step.value) })),
    stepsTotal: steps.length,
    status: watermarkHealth(config, watermark, runsWithoutAdvance),
    link: linkTo('runs', { source }),
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

/** A time in the engine's spelling (`2001-01-31 13:05:00.5`, with or without zone; none means UTC); null for what is none. */
function instantOf(value: string): number | null {
  const match = TIME.exec(value.trim())
  if (match === null) return null
  const [, date, time = '00:00:00', zone = 'Z'] = match
  const offset = /^[+-]\d{2}$/.test(zone) ? `${zone}:00` : zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2')
  const instant = Date.parse(`${date}T${time}${offset}`)
  return Number.isNaN(instant) ? null : instant
}
