/** The shape of what a source says of arriving files: when they are ready, how many at a time, what stays behind. */
import { z } from 'zod'
import type { CleanSourceConfig, ResendConfig, SchemaEvolution } from '@tidegate/core'
import { parseDuration, parseSize } from './units.ts'

export interface ReadyFileEntry {
  readonly settle: string
  readonly marker?: string | undefined
  readonly control?: string | undefined
  readonly unit: 'file' | 'folder'
}

export type CleanFileEntry =
  | CleanSourceConfig['mode']
  | { readonly mode: CleanSourceConfig['mode']; readonly after?: string | undefined; readonly to?: string | undefined }

export type EvolutionWord = 'add_columns' | 'widen' | 'rescue' | 'fail' | 'ignore'

export type EvolutionFileEntry =
  | EvolutionWord
  | {
      readonly columns: SchemaEvolution['columns']
      readonly types: SchemaEvolution['types']
      readonly rescue_column: string
    }

const text = z.string().min(1, 'must not be empty')

export const duration: z.ZodType<string> = z
  .string({ error: 'must be a duration such as 5s, 30m, 1h or 7d' })
  .refine((value) => parseDuration(value) !== undefined, 'must be a duration such as 500ms, 5s, 30m, 1h or 7d')

export const size: z.ZodType<string | number> = z
  .union([z.string(), z.number()], { error: 'must be a size such as 512MiB or 2GB' })
  .refine((value) => parseSize(String(value)) !== undefined, 'must be a size such as 512MiB or 2GB')

const positiveSize = size.refine((value) => parseSize(String(value)) !== 0, 'must be more than 0 bytes')

const fileName = text.refine((value) => !/[/\\\0]/.test(value), 'must be a file name, without folders')

export function readySchema(): z.ZodType<ReadyFileEntry> {
  return z
    .strictObject({
      settle: duration.default('5s').describe('A file is taken once it has not changed for so long.'),
      marker: fileName
        .optional()
        .describe('A file is taken once this one is in its folder: `_SUCCESS`, or `{name}.done` beside each file.'),
      control: fileName
        .refine((value) => /\{(name|stem)\}/.test(value), 'must contain {name} or {stem} of the file')
        .optional()
        .describe('A file beside it that says its `rows`, `bytes` or `sha256`, such as `{name}.ctl`.'),
      unit: z
        .enum(['file', 'folder'])
        .default('file')
        .describe('`folder`: the files of a folder are judged and committed together, or not at all.'),
    })
    .prefault({})
}

export function resendSchema(): z.ZodType<
  { readonly name: string; readonly policy: ResendConfig['policy'] } | undefined
> {
  return z
    .strictObject({
      name: fileName.refine((value) => value.includes('{n}'), 'must contain {n}, the number of the edition'),
      policy: z.enum(['replace', 'ignore', 'quarantine']).default('replace'),
    })
    .optional()
    .describe('A file whose name says that it is a new edition of another one, such as `orders_{date}_v{n}.csv`.')
}

/** The keys of a source that limit what one run and one batch take. */
export function limitShape(): {
  readonly include_existing: z.ZodDefault<z.ZodBoolean>
  readonly max_files_per_batch: z.ZodDefault<z.ZodInt>
  readonly max_bytes_per_batch: z.ZodDefault<z.ZodType<string | number>>
  readonly max_file_age: z.ZodOptional<z.ZodType<string>>
  readonly backfill_interval: z.ZodOptional<z.ZodType<string>>
} {
  return {
    include_existing: z
      .boolean()
      .default(true)
      .describe('Files that are there at the first run: load them, or only note them.'),
    max_files_per_batch: z.int().min(1).default(2048),
    max_bytes_per_batch: positiveSize.default('1GiB'),
    max_file_age: duration.optional().describe('Files that were last changed longer ago are not taken.'),
    backfill_interval: duration
      .optional()
      .describe('How often everything is listed; runs between pass over folders with nothing new. Default: every run.'),
  }
}

export function cleanSchema(): z.ZodType<CleanFileEntry> {
  const mode = z.enum(['off', 'archive', 'delete'])
  return z
    .union([
      mode,
      z.strictObject({
        mode,
        after: duration.optional().describe('How long after its commit a file stays.'),
        to: text.optional().describe('Folder for `archive`.'),
      }),
    ])
    .default('off')
    .describe('What becomes of a source file once it is loaded into every target.')
}

export function evolutionSchema(): z.ZodType<EvolutionFileEntry> {
  return z
    .union([
      z.enum(['add_columns', 'widen', 'rescue', 'fail', 'ignore']),
      z.strictObject({
        columns: z.enum(['add', 'rescue', 'fail', 'ignore']).default('add'),
        types: z.enum(['widen', 'rescue', 'fail']).default('widen'),
        rescue_column: text.default('_rescued'),
      }),
    ])
    .default('add_columns')
    .describe('What happens to columns and types that the dataset does not have.')
}

export function hintsSchema(): z.ZodType<Readonly<Record<string, string>>> {
  return z
    .record(
      text,
      z
        .string()
        .regex(/^[A-Za-z][A-Za-z0-9_ ,()[\]]*$/, 'must be a type such as BIGINT, DECIMAL(18,2) or TIMESTAMP')
        .max(200),
    )
    .prefault({})
    .describe('Types by column name that win over what files say.')
}
