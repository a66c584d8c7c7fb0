import path from 'node:path'
import type { Config, IngestionRecord, JsonValue, RunRecord, ScheduleRecord, SourceConfig } from '@tidegate/core'
import { z } from 'zod'
import { instant, isoOf, isoOrNull, maybe } from './fields.ts'
import { maskEntry, maskText } from './mask-entry.ts'
import { nextInstants, ruleSchema, toRule, zoneOf, type RuleView } from './schedule-view.ts'

export type IngestionState = 'active' | 'paused' | 'manual' | 'invalid'

export const INGESTION_STATES: readonly [IngestionState, ...IngestionState[]] = [
  'active',
  'paused',
  'manual',
  'invalid',
]

export interface IngestionView {
  readonly id: string
  readonly origin: SourceConfig['origin']
  readonly state: IngestionState
  readonly problems: readonly string[]
  readonly version: number | null
  readonly createdBy: string | null
  readonly createdAt: string | null
  readonly updatedBy: string | null
  readonly updatedAt: string | null
  readonly path: string | null
  readonly format: SourceConfig['format'] | null
  readonly dataset: string | null
  readonly contract: string | null
  readonly targets: readonly TargetView[]
  readonly watermark: { readonly column: string; readonly lagMs: number } | null
  readonly expect: { readonly files: number | null; readonly by: string | null; readonly every: string | null } | null
  readonly notify: readonly string[]
  readonly schedule: IngestionSchedule | null
  readonly lastRun: LastRun | null
  readonly openRun: string | null
  readonly entry: Readonly<Record<string, JsonValue>> | null
}

interface TargetView {
  readonly name: string
  readonly kind: SourceConfig['target']['kind']
  readonly layer: string | null
  readonly mode: SourceConfig['target']['mode']
  readonly path: string
}

interface IngestionSchedule {
  readonly id: string
  readonly timezone: string
  readonly rule: RuleView
  readonly next: readonly string[]
  readonly pausedAt: string | null
  readonly pausedBy: string | null
}

interface LastRun {
  readonly id: string
  readonly command: string
  readonly status: RunRecord['status']
  readonly startedAt: string
  readonly endedAt: string | null
}

const target = z.object({
  name: z.string(),
  kind: z.enum(['parquet', 'delta', 'duckdb', 'postgres', 'none']),
  layer: maybe(z.string()),
  mode: z.enum(['append', 'replace', 'upsert']),
  path: z.string().meta({ description: 'Template; without passwords.' }),
})

const schedule = z.object({
  id: z.string(),
  timezone: z.string(),
  rule: ruleSchema,
  next: z.array(instant('An instant to come.')).meta({ description: 'The next five; none while it is paused.' }),
  pausedAt: maybe(instant('Since when.')),
  pausedBy: maybe(z.string()),
})

const lastRun = z.object({
  id: z.string(),
  command: z.string(),
  status: z.enum(['running', 'ok', 'nothing-new', 'gate-failed', 'partial', 'failed', 'interrupted']),
  startedAt: instant('Its begin.'),
  endedAt: maybe(instant('Its end.')),
})

export const entrySchema: z.ZodRecord<z.ZodString, z.ZodJSONSchema> = z.record(z.string(), z.json()).meta({
  description: 'What would stand under `sources.<id>` in `tidegate.yaml`; see docs/configuration.md.',
  examples: [{ path: 'landing/orders/*.csv', schedule: { cron: '*/15 * * * *' } }],
})

const ingestion = z
  .object({
    id: z.string().meta({ description: 'Its name; of one in `tidegate.yaml` the name of the source.' }),
    origin: z.enum(['file', 'api']).meta({ description: 'Those of `tidegate.yaml` are read-only here.' }),
    state: z
      .enum(INGESTION_STATES)
      .meta({ description: '`manual`: it has no schedule. `invalid`: it breaks a rule by now; see `problems`.' }),
    problems: z.array(z.string()),
    version: maybe(z.int().min(1)).meta({ description: 'Also the ETag. Null where `tidegate.yaml` has it.' }),
    createdBy: maybe(z.string()),
    createdAt: maybe(instant('When it was made.')),
    updatedBy: maybe(z.string()),
    updatedAt: maybe(instant('When it was changed last.')),
    path: maybe(z.string()),
    format: maybe(z.enum(['auto', 'parquet', 'csv', 'json', 'ndjson'])),
    dataset: maybe(z.string()).meta({ description: 'Template of the dataset’s name.' }),
    contract: maybe(z.string()).meta({ description: 'Template of the contract’s file.' }),
    targets: z.array(target),
    watermark: maybe(z.object({ column: z.string(), lagMs: z.number() })),
    expect: maybe(z.object({ files: maybe(z.int()), by: maybe(z.string()), every: maybe(z.string()) })),
    notify: z.array(z.string()),
    schedule: maybe(schedule),
    lastRun: maybe(lastRun),
    openRun: maybe(z.string()).meta({ description: 'The oldest run that waits or is under way.' }),
    entry: maybe(entrySchema).meta({
      description: 'As it was made here, secrets masked; null where `tidegate.yaml` has it.',
    }),
  })
  .meta({ id: 'Ingestion', description: 'Files of one kind, where they come from and where they go.' })

export const ingestionSchema: z.ZodType<IngestionView> = ingestion as unknown as z.ZodType<IngestionView>

export interface KnownIngestion {
  readonly id: string
  /** Undefined: it breaks a rule. */
  readonly source: SourceConfig | undefined
  readonly record: IngestionRecord | undefined
  readonly schedule: ScheduleRecord | undefined
  readonly lastRun: RunRecord | undefined
  readonly openRun: string | undefined
  readonly problems: readonly string[]
}

export function toIngestion(known: KnownIngestion, { directory }: Config, nowMs: number): IngestionView {
  const { id, source, record, lastRun: run } = known
  return {
    id,
    origin: source?.origin ?? 'api',
    state: stateOf(known),
    problems: [...known.problems],
    version: record?.version ?? null,
    createdBy: record?.createdBy ?? null,
    createdAt: isoOrNull(record?.createdAtMs),
    updatedBy: record?.updatedBy ?? null,
    updatedAt: isoOrNull(record?.updatedAtMs),
    path: source === undefined ? null : maskText(source.path),
    format: source?.format ?? null,
    dataset: source?.dataset ?? null,
    contract: source === undefined ? null : shortPath(directory, source.contract),
    targets: (source?.targets ?? []).map((one) => ({
      name: one.name,
      kind: one.kind,
      layer: one.layer ?? null,
      mode: one.mode,
      path: shortPath(directory, one.path),
    })),
    watermark:
      source?.watermark === undefined ? null : { column: source.watermark.column, lagMs: source.watermark.lagMs },
    expect: expectOf(source),
    notify: [...(source?.notify ?? [])],
    schedule: scheduleOf(known, nowMs),
    lastRun:
      run === undefined
        ? null
        : {
            id: run.id,
            command: run.command,
            status: run.status,
            startedAt: isoOf(run.startedAtMs),
            endedAt: isoOrNull(run.endedAtMs),
          },
    openRun: known.openRun ?? null,
    entry: record === undefined ? null : maskEntry(record.entry),
  }
}

export function stateOf({ source, schedule: kept }: KnownIngestion): IngestionView['state'] {
  if (source === undefined) return 'invalid'
  if (source.schedule === undefined) return 'manual'
  return (kept?.pausedAtMs ?? null) === null ? 'active' : 'paused'
}

/** Below the project's folder as the configuration would say it. */
export function shortPath(directory: string, file: string): string {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(file)) return maskText(file)
  const below = path.relative(directory, file)
  return below === '..' || below.startsWith(`..${path.sep}`) ? file : below
}

function expectOf(source: SourceConfig | undefined): IngestionView['expect'] {
  if (source?.expect === undefined) return null
  const { files, by, every } = source.expect
  return { files: files ?? null, by: by ?? null, every: every ?? null }
}

function scheduleOf({ id, source, schedule: kept }: KnownIngestion, nowMs: number): IngestionView['schedule'] {
  const config = source?.schedule
  if (config === undefined) return null
  const isPaused = (kept?.pausedAtMs ?? null) !== null
  return {
    id: kept?.id ?? `ingest:${id}`,
    timezone: zoneOf(config),
    rule: toRule(config),
    next: isPaused ? [] : nextInstants(config, kept?.anchorMs ?? nowMs, nowMs),
    pausedAt: isoOrNull(kept?.pausedAtMs),
    pausedBy: kept?.pausedBy ?? null,
  }
}
