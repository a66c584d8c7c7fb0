import { stat } from 'node:fs/promises'
import path from 'node:path'
import { TidegateError, type DiagnosisLevel } from '@tidegate/core'
import type { Fix, RepairOptions, SchemaFrom } from '@tidegate/parquet'
import { closestWord } from '../../closest-word.ts'
import type { CommandContext } from '../../context.ts'

export interface RepairArgs {
  readonly paths?: readonly string[]
  readonly out?: string
  readonly like?: readonly string[]
  readonly delta?: string
  readonly metadata?: string
  readonly mode?: 'patch' | 'rewrite'
  readonly onDamagedPage?: 'null' | 'drop-rows' | 'drop-row-group' | 'fail'
  readonly partialRowGroup?: 'drop' | 'null-fill'
  readonly minConfidence?: 'proven' | 'strong' | 'weak'
  readonly allowAmbiguous?: boolean
  readonly fix?: readonly string[]
  readonly part?: number
  readonly level?: DiagnosisLevel
  readonly map?: boolean
  readonly workers?: number
  readonly dryRun?: boolean
}

const FIXES: readonly Fix[] = [
  'names',
  'statistics',
  'nulls-in-required',
  'utf8-as-binary',
  'utf8-replace',
  'int96',
  'timestamps',
]

/** @throws TidegateError USAGE_FIX, USAGE_SCHEMA_FILE, USAGE_OUT */
export async function readRepairOptions(
  args: RepairArgs,
  { options: { directory } }: CommandContext,
): Promise<Omit<RepairOptions, 'signal'>> {
  if (args.out === undefined && args.dryRun !== true)
    throw new TidegateError('USAGE_OUT', 'repair needs a folder for what it writes: --out DIR', {
      hint: 'Or add --dry-run, to see what would come back without writing anything.',
      dataNow: 'Nothing was read or changed.',
    })
  const schema: SchemaFrom[] = []
  if (args.metadata !== undefined)
    schema.push({ metadataFile: await existing('--metadata', args.metadata, 'file', directory) })
  if (args.delta !== undefined) schema.push({ deltaTable: await deltaFolder(args.delta, directory) })
  for (const like of args.like ?? []) schema.push({ sibling: await existing('--like', like, 'file', directory) })
  const fix = (args.fix ?? []).flatMap((words) => words.split(',')).map((word) => readFix(word.trim()))
  return {
    ...(args.mode === undefined ? {} : { mode: args.mode }),
    ...(schema.length === 0 ? {} : { schema }),
    ...(fix.length === 0 ? {} : { fix: [...new Set(fix)] }),
    ...(args.part === undefined ? {} : { part: args.part }),
    onDamagedPage: args.onDamagedPage ?? 'null',
    partialRowGroup: args.partialRowGroup ?? 'drop',
    minConfidence: args.minConfidence ?? 'strong',
    allowAmbiguous: args.allowAmbiguous === true,
  }
}

function readFix(word: string): Fix {
  const known = FIXES.find((fix) => fix === word)
  if (known !== undefined) return known
  const suggestion = closestWord(word, FIXES)
  throw new TidegateError('USAGE_FIX', `--fix does not know ${JSON.stringify(word)}`, {
    hint: `${suggestion === undefined ? '' : `Did you mean ${suggestion}? `}It knows ${FIXES.join(', ')}.`,
  })
}

/** The folder of the table, or its `_delta_log` itself. */
async function deltaFolder(given: string, directory: string): Promise<string> {
  const absolute = await existing('--delta', given, 'folder', directory)
  const table = path.basename(absolute) === '_delta_log' ? path.dirname(absolute) : absolute
  const log = await stat(path.join(table, '_delta_log')).catch(() => undefined)
  if (log?.isDirectory() === true) return table
  throw new TidegateError('USAGE_SCHEMA_FILE', `--delta ${given} has no folder _delta_log`, {
    hint: 'Name the folder of the table.',
  })
}

async function existing(option: string, given: string, kind: 'file' | 'folder', directory: string): Promise<string> {
  const absolute = path.resolve(directory, given)
  const info = await stat(absolute).catch(() => undefined)
  if (kind === 'file' ? info?.isFile() === true : info?.isDirectory() === true) return absolute
  throw new TidegateError('USAGE_SCHEMA_FILE', `${option} ${given} is no ${kind}`, {
    hint: 'It says what columns the lost footer had: a sound file of the same table is the best.',
  })
}
