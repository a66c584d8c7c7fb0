/** The shape of a contract file. Which expectations exist and what arguments they take is dq's matter. */
import { z } from 'zod'
import type {
  Contract,
  ContractColumn,
  Expectation,
  FileRules,
  GateSettings,
  ReadOptions,
  UnexpectedLimit,
} from '@tidegate/core'

/** What a contract file may leave out, beside what core's `Contract` may. */
export interface ContractFile {
  readonly contract: string
  readonly version: number
  readonly description?: string | undefined
  readonly file?: FileRules | undefined
  readonly read?: ReadOptions | undefined
  readonly schema?: { readonly columns?: Readonly<Record<string, ContractColumn>> | undefined } | undefined
  readonly expectations?: readonly (Omit<Expectation, 'kwargs'> & { kwargs?: unknown })[] | undefined
  readonly gate?: GateSettings | undefined
  readonly parameters?: Contract['parameters']
  readonly meta?: Contract['meta']
}

export function gateSchema(): z.ZodType<GateSettings, GateSettings> {
  return z.strictObject({
    threshold: z.number().min(0).max(100).optional().describe('Score (0–100) below which `on_fail` is triggered.'),
    on_fail: z
      .enum(['quarantine', 'split', 'warn', 'fail'])
      .optional()
      .describe(
        '`quarantine`: the whole file · `split`: the failed rows · `warn`: load all the same · `fail`: stop the run.',
      ),
  })
}

type ReadOptionShape = {
  [Key in Exclude<keyof ReadOptions, 'format' | 'timezone'>]-?: z.ZodOptional<
    z.ZodType<NonNullable<ReadOptions[Key]>, NonNullable<ReadOptions[Key]>>
  >
}

/** Keys of `options` of a source and, with `format` and `timezone`, of `read` of a contract. */
export function readOptionShape(): ReadOptionShape {
  const character = z.string().min(1).max(4)
  return {
    delimiter: character.optional(),
    quote: z.string().max(1).optional(),
    escape: z.string().max(1).optional(),
    header: z.boolean().optional(),
    decimal: z.enum(['.', ',']).optional(),
    encoding: z.string().refine(isEncoding, 'must be an encoding such as utf-8, windows-1252 or utf-16le').optional(),
    skip_rows: z.int().min(0).optional(),
    null_values: z.array(z.string()).optional(),
    date_format: z.string().min(1).optional(),
    timestamp_format: z.string().min(1).optional(),
    records: z.string().optional(),
  }
}

const text = z.string().min(1, 'must not be empty')
const bytes = z.int().min(0).optional()

export const contractSchema: z.ZodType<ContractFile> = z.strictObject({
  contract: text.describe('Name of the dataset.'),
  version: z.int().min(1),
  description: z.string().optional(),
  file: z
    .strictObject({
      name: text.optional().describe('Glob on the name of the file.'),
      min_bytes: bytes,
      max_bytes: bytes,
    })
    .optional(),
  read: z
    .strictObject({
      format: z.enum(['parquet', 'csv', 'json', 'ndjson']).optional(),
      ...readOptionShape(),
      timezone: text.optional(),
    })
    .optional(),
  schema: z
    .strictObject({
      columns: z
        .record(
          z.string(),
          z.strictObject({
            type: text.describe('DuckDB type; values of a narrower type are accepted.'),
            nullable: z.boolean().optional(),
            required: z.boolean().optional(),
            sensitive: z.enum(['mask', 'hash', 'drop']).optional(),
          }),
        )
        .optional(),
    })
    .optional(),
  expectations: z
    .array(
      z.strictObject({
        type: text.describe('Great Expectations name, e.g. expect_column_values_to_be_between.'),
        kwargs: z.record(z.string(), z.unknown()).optional(),
        severity: z.enum(['critical', 'warning', 'info']).optional(),
        fail: limitSchema().describe('More unexpected rows than this fail the check, with its severity.'),
        warn: limitSchema().describe('More unexpected rows than this fail it as a warning.'),
        id: text.optional(),
        meta: z.record(z.string(), z.unknown()).optional() as z.ZodType<Expectation['meta']>,
      }),
    )
    .optional(),
  gate: gateSchema().optional(),
  parameters: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('Values of `$PARAMETER` in arguments, by name.') as z.ZodType<Contract['parameters']>,
  meta: z.record(z.string(), z.unknown()).optional().describe('Carried along without effect.') as z.ZodType<
    Contract['meta']
  >,
})

function limitSchema(): z.ZodOptional<z.ZodType<UnexpectedLimit, UnexpectedLimit>> {
  return z
    .strictObject({
      count: z.int().min(0).optional().describe('Rows.'),
      fraction: z.number().min(0).max(1).optional().describe('Share of the considered rows, 0–1.'),
    })
    .optional()
}

function isEncoding(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== ''
  } catch {
    return false
  }
}
