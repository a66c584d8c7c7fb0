import type { Config, OnFail, ScheduleConfig, SourceConfig } from '@tidegate/core'

/** What the views need to know of a source's configuration. */
export interface MonitoredSource {
  readonly name: string
  /** As written in the configuration. */
  readonly path: string
  readonly format: string
  readonly dataset: string
  readonly contract: string
  readonly targets: readonly {
    readonly kind: string
    readonly layer: string | null
    readonly path: string
    readonly mode: string
  }[]
  readonly gate: { readonly threshold: number; readonly onFail: OnFail }
  readonly watermark: { readonly column: string; readonly type: string | null; readonly lagMs: number } | null
  /** When files are expected; null where nothing was said, and then freshness is not judged. */
  readonly expect: {
    readonly files: number | null
    /** `HH:MM` in `timezone`: every day by then. */
    readonly by: string | null
    /** A duration such as `1h` or `1d`. */
    readonly every: string | null
  } | null
  /** IANA name. */
  readonly timezone: string
  readonly repair: string
  readonly schemaEvolution: string
  readonly duplicates: string
  /** A cron expression, `every 15m` or `on arrival`. */
  readonly schedule: string | null
  readonly notify: readonly string[]
}

/** What every view gets beside the history. */
export interface MonitorContext {
  /** Unix milliseconds. */
  readonly nowMs: number
  readonly config: readonly MonitoredSource[]
  /** Version of Tidegate, for the report's own section. */
  readonly version?: string | undefined
  /** Shell command that makes the report again. */
  readonly command?: string | undefined
}

/** The facts that the views need, out of the whole configuration. */
export function monitoredSources(config: Pick<Config, 'sources'>): readonly MonitoredSource[] {
  return config.sources.map((source) => monitoredSource(source))
}

function monitoredSource(source: SourceConfig): MonitoredSource {
  const { watermark, expect, schedule } = source
  return {
    name: source.name,
    path: source.path,
    format: source.format,
    dataset: source.dataset,
    contract: source.contract,
    targets: source.targets.map((target) => ({
      kind: target.kind,
      layer: target.layer ?? null,
      path: target.kind === 'postgres' ? withoutSecrets(target.path) : target.path,
      mode: target.mode,
    })),
    gate: {
      threshold: source.gate.source.threshold ?? source.gate.defaults.threshold ?? 100,
      onFail: source.gate.source.on_fail ?? source.gate.defaults.on_fail ?? 'quarantine',
    },
    watermark:
      watermark === undefined
        ? null
        : { column: watermark.column, type: watermark.type ?? null, lagMs: watermark.lagMs },
    expect:
      expect === undefined ? null : { files: expect.files ?? null, by: expect.by ?? null, every: expect.every ?? null },
    timezone: zoneOf(schedule) ?? source.options.timezone ?? 'UTC',
    repair: source.repair,
    schemaEvolution: source.schemaEvolution.columns === 'add' ? 'add_columns' : source.schemaEvolution.columns,
    duplicates: source.duplicates,
    schedule: describeSchedule(schedule),
    notify: source.notify,
  }
}

function zoneOf(schedule: ScheduleConfig | undefined): string | undefined {
  return schedule?.trigger.kind === 'cron' ? schedule.trigger.timezone : undefined
}

/** A cron expression, `every 15m` or `on arrival`. */
function describeSchedule(schedule: ScheduleConfig | undefined): string | null {
  if (schedule === undefined) return null
  const { trigger } = schedule
  switch (trigger.kind) {
    case 'cron':
      return trigger.cron
    case 'interval':
      return `every ${shortDuration(trigger.everyMs)}`
    case 'arrival':
      return 'on arrival'
    default:
      return trigger satisfies never
  }
}

/** `90m`, `1h`, `1500ms`: the largest unit that it is a whole number of. */
function shortDuration(ms: number): string {
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ] as const
  const [unit, unitMs] = units.find(([, each]) => ms % each === 0) ?? ['ms', 1]
  return `${ms / unitMs}${unit}`
}

/** A connection string without user, password and options: host and database are enough to know which one it is. */
function withoutSecrets(connection: string): string {
  const match = /^(postgres(?:ql)?:\/\/)(?:[^\s/?#@]*@)?([^\s/?#@]+)(\/[^\s?#@]*)?(?:[?#][^@]*)?$/i.exec(connection)
  return match === null ? 'postgres' : `${match[1] ?? ''}${match[2] ?? ''}${match[3] ?? ''}`
}
