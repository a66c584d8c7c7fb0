/** The shape of `tidegate.yaml`, in its own spelling. Defaults that do not depend on other keys stand here. */
import { z } from 'zod'
import { gateSchema, readOptionShape } from './contract-schema.ts'
import type { GateSettings, ReadOptions, ResendConfig, SourceConfig } from '@tidegate/core'
import {
  cleanSchema,
  duration,
  evolutionSchema,
  hintsSchema,
  limitShape,
  readySchema,
  resendSchema,
  size,
  type CleanFileEntry,
  type EvolutionFileEntry,
  type ReadyFileEntry,
} from './arrival-schema.ts'
import { channelSchema, type ChannelFileEntry } from './channel-schema.ts'
import { daemonShape, type DaemonFile } from './daemon-schema.ts'
import { scheduleSchema, timezone, type ScheduleFileEntry } from './schedule-schema.ts'
import { targetSchema, type TargetFileEntry } from './target-schema.ts'

/** What the file says, with static defaults filled in; texts not yet interpreted. */
export interface ConfigFile extends DaemonFile {
  readonly version: 1
  readonly state: string
  readonly repaired: string
  readonly retention: {
    readonly history: string
    readonly quarantine: string
    readonly retired: string
    readonly repaired: string
  }
  readonly limits: { readonly memory?: string | number | undefined; readonly temp: string }
  readonly defaults: { readonly workers: number; readonly gate: GateSettings }
  readonly sources: Readonly<Record<string, SourceFileEntry>>
  readonly channels: Readonly<Record<string, ChannelFileEntry>>
}

export interface SourceFileEntry {
  readonly path: string
  readonly format: SourceConfig['format']
  readonly options: Omit<ReadOptions, 'format' | 'timezone'>
  readonly timezone?: string | undefined
  readonly dataset: string
  readonly contract?: string | undefined
  readonly on_missing_contract: SourceConfig['onMissingContract']
  readonly watermark?:
    | {
        readonly column: string
        readonly type?: string | undefined
        readonly lag: string
        readonly filter: boolean
      }
    | undefined
  readonly ready: ReadyFileEntry
  readonly resend?: ResendConfig | undefined
  readonly include_existing: boolean
  readonly max_files_per_batch: number
  readonly max_bytes_per_batch: string | number
  readonly max_file_age?: string | undefined
  readonly backfill_interval?: string | undefined
  readonly clean_source: CleanFileEntry
  readonly duplicates: SourceConfig['duplicates']
  /** Undefined: what the target can do, see `defaultOverwrites`. */
  readonly overwrites?: SourceConfig['overwrites'] | undefined
  readonly schema_evolution: EvolutionFileEntry
  readonly schema_hints: Readonly<Record<string, string>>
  readonly repair: SourceConfig['repair']
  readonly verify: SourceConfig['verify']
  readonly gate: GateSettings
  readonly quarantine: { readonly path?: string | undefined; readonly original: SourceConfig['quarantine']['original'] }
  readonly target?: TargetFileEntry | undefined
  readonly targets?: Readonly<Record<string, TargetFileEntry>> | undefined
  readonly schedule?: ScheduleFileEntry | undefined
  readonly expect?:
    | { readonly files?: number | undefined; readonly by?: string | undefined; readonly every?: string | undefined }
    | undefined
  readonly notify: readonly string[]
}

const NAME = /^[\p{L}\p{N}][\p{L}\p{N}_.-]*$/u

/** Names of sources, channels and environments. They become parts of paths and of file version ids. */
export function isName(text: string): boolean {
  return NAME.test(text) && !text.includes('..') && text.length <= 200
}

const name = z
  .string()
  .refine(isName, 'a name starts with a letter or a digit and goes on with letters, digits, `_`, `-` and single `.`')
const text = z.string().min(1, 'must not be empty')
const path = text.refine((value) => !value.includes('\0'), 'must not contain a NUL character')

const source = z
  .strictObject({
    path: path.describe('Where files arrive: a folder, a file or a glob with `**`, `*`, `?`, `[a-z]`, `{a,b}`.'),
    format: z.enum(['auto', 'parquet', 'csv', 'json', 'ndjson']).default('auto'),
    options: z
      .strictObject(readOptionShape())
      .prefault({})
      .describe('How text files are read; what is missing is sniffed.'),
    timezone: timezone.optional().describe('Zone of timestamps that carry none.'),
    dataset: text
      .default('{source}')
      .describe('Template of `{source}`, `{stem}` (file name without extension), `{parent}`.'),
    contract: path.optional(),
    on_missing_contract: z.enum(['hold', 'profile', 'admit']).default('hold'),
    watermark: z
      .strictObject({
        column: text,
        type: text.optional(),
        lag: duration.default('0s'),
        filter: z
          .boolean()
          .default(false)
          .describe('Drop rows that are more than `lag` below the watermark, and count them.'),
      })
      .optional()
      .describe('Column whose highest value is shown as progress.'),
    ready: readySchema(),
    resend: resendSchema(),
    ...limitShape(),
    clean_source: cleanSchema(),
    duplicates: z
      .enum(['skip', 'warn', 'quarantine', 'load'])
      .default('skip')
      .describe('Same bytes under another name.'),
    overwrites: z
      .enum(['replace', 'ignore', 'append', 'fail'])
      .optional()
      .describe('Other bytes under a known name. Default: `replace`; with a Delta target `fail`.'),
    schema_evolution: evolutionSchema(),
    schema_hints: hintsSchema(),
    repair: z
      .enum(['off', 'lossless', 'lossy'])
      .default('lossless')
      .describe('What may be loaded after repair without a person.'),
    verify: z
      .enum(['off', 'checksums', 'pages'])
      .default('checksums')
      .describe(
        'Parquet pages before their rows are read: nothing, checksums where the file has them, or decode each.',
      ),
    gate: gateSchema().prefault({}),
    quarantine: z
      .strictObject({ path: path.optional(), original: z.enum(['copy', 'move', 'reference']).default('copy') })
      .prefault({}),
    target: targetSchema().optional().describe('Where good rows go. Default: a folder of Parquet files.'),
    targets: z
      .record(name, targetSchema())
      .refine((value) => Object.keys(value).length > 0, 'must name at least one target')
      .optional()
      .describe('Several targets by name: each file goes to all of them.'),
    schedule: scheduleSchema('source').optional(),
    expect: z
      .strictObject({
        files: z.int().min(1).optional(),
        by: z
          .string()
          .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as "02:15"')
          .optional(),
        every: duration.optional(),
      })
      .optional()
      .describe('When how many files should have arrived.'),
    notify: z.array(text).default([]).describe('Names of channels.'),
  })
  .describe('Where files of one kind arrive, and what becomes of them.')

export const configSchema: z.ZodType<ConfigFile> = z.strictObject({
  version: z.literal(1),
  state: path.default('.tidegate/state.db').describe('The state database.'),
  repaired: path.default('.tidegate/repaired').describe('Folder where repaired files are kept.'),
  retention: z
    .strictObject({
      history: duration.default('90d').describe('Runs, checks and delivered notices are kept this long.'),
      quarantine: duration.default('90d').describe('What is closed stays in quarantine this long. What is open stays.'),
      retired: duration.default('7d').describe('Parts that were replaced stay beside the log this long.'),
      repaired: duration.default('30d').describe('Repaired files that nothing refers to are kept this long.'),
    })
    .prefault({})
    .describe('How long `tidegate maintain` keeps what is over.'),
  limits: z
    .strictObject({
      memory: size
        .optional()
        .describe('Budget for engine and process together, e.g. 2GB. Default: half of what there is.'),
      temp: path.default('.tidegate/tmp'),
    })
    .prefault({}),
  defaults: z
    .strictObject({ workers: z.int().min(1).max(256).default(4), gate: gateSchema().prefault({}) })
    .prefault({}),
  sources: z.record(name, source).prefault({}),
  channels: z.record(name, channelSchema()).prefault({}),
  ...daemonShape(),
})
