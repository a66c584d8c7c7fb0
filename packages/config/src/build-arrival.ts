/** When files are ready, how many at a time, what stays behind: the file's spelling → the fields of core's `SourceConfig`. */
import type { CleanSourceConfig, SourceConfig } from '@tidegate/core'
import type { CleanFileEntry } from './arrival-schema.ts'
import type { SourceFileEntry } from './config-schema.ts'
import { checkTemplate, toAbsolute, type BuildContext } from './paths-and-templates.ts'
import { problemAt, type Problem } from './problem.ts'
import { valuePlace } from './tree.ts'
import { parseDuration, parseSize } from './units.ts'

type Arrival = Pick<
  SourceConfig,
  | 'ready'
  | 'resend'
  | 'includeExisting'
  | 'maxFilesPerBatch'
  | 'maxBytesPerBatch'
  | 'maxFileAgeMs'
  | 'backfillIntervalMs'
  | 'cleanSource'
>

export function buildArrival(
  name: string,
  entry: SourceFileEntry,
  context: BuildContext,
  problems: Problem[],
): Arrival {
  problems.push(...checkReady(name, entry, context), ...checkResend(name, entry, context))
  return {
    ready: {
      settleMs: parseDuration(entry.ready.settle) ?? 0,
      marker: entry.ready.marker,
      control: entry.ready.control,
      unit: entry.ready.unit,
    },
    resend: entry.resend,
    includeExisting: entry.include_existing,
    maxFilesPerBatch: entry.max_files_per_batch,
    maxBytesPerBatch: parseSize(String(entry.max_bytes_per_batch)) ?? Number.MAX_SAFE_INTEGER,
    maxFileAgeMs: durationOf(entry.max_file_age),
    ...(entry.backfill_interval === undefined ? {} : { backfillIntervalMs: durationOf(entry.backfill_interval) }),
    cleanSource: buildCleaning(name, entry.clean_source, context, problems),
  }
}

function durationOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text)
}

/** Long enough to find out that something is wrong with what was loaded. */
const RETENTION = '30d'

/** What `clean_source` is in force, in the file's spelling. */
export function writtenCleaning(
  source: string,
  entry: CleanFileEntry,
): { readonly mode: CleanSourceConfig['mode']; readonly after?: string; readonly to?: string } {
  const { mode, after = RETENTION, to = `archive/${source}` } = typeof entry === 'string' ? { mode: entry } : entry
  if (mode === 'off') return { mode }
  return mode === 'delete' ? { mode, after } : { mode, after, to }
}

function buildCleaning(
  source: string,
  entry: CleanFileEntry,
  context: BuildContext,
  problems: Problem[],
): CleanSourceConfig {
  const key = ['sources', source, 'clean_source', 'to']
  if (typeof entry !== 'string' && entry.to !== undefined && entry.mode !== 'archive') {
    problems.push(
      problemAt(valuePlace(context.tree, key), 'CONFIG_VALUE', `clean_source of source ${source} archives nothing`, {
        hint: 'Use mode: archive, or leave `to` out.',
      }),
    )
  }
  const { mode, after, to } = writtenCleaning(source, entry)
  if (to !== undefined) problems.push(...checkTemplate(context.tree, key, to, ['source']))
  return {
    mode,
    afterMs: after === undefined ? 0 : (parseDuration(after) ?? 0),
    to: to === undefined ? undefined : toAbsolute(to.replaceAll('{source}', source), key, context, problems),
  }
}

function checkReady(name: string, entry: SourceFileEntry, { tree }: BuildContext): readonly Problem[] {
  const key = (...keys: readonly string[]): readonly string[] => ['sources', name, 'ready', ...keys]
  const { marker, control, unit } = entry.ready
  const problems: Problem[] = []
  const known = ['name', 'stem']
  if (marker !== undefined) problems.push(...checkTemplate(tree, key('marker'), marker, known))
  if (control !== undefined) problems.push(...checkTemplate(tree, key('control'), control, known))
  if ([marker, control].some((template) => template === '{name}')) {
    problems.push(
      problemAt(
        valuePlace(tree, key(marker === '{name}' ? 'marker' : 'control')),
        'CONFIG_VALUE',
        `a file of source ${name} would be its own marker`,
        { hint: 'Add an extension, such as {name}.done.' },
      ),
    )
  }
  if (unit !== 'folder') return problems
  if (marker !== undefined && /[{}]/.test(marker)) {
    problems.push(
      problemAt(
        valuePlace(tree, key('marker')),
        'CONFIG_VALUE',
        `the marker of source ${name} names a file, and its unit is the folder`,
        { hint: 'Use a name without placeholders, such as _SUCCESS.' },
      ),
    )
  }
  if (entry.dataset.includes('{stem}')) {
    problems.push(
      problemAt(
        valuePlace(tree, key('unit')),
        'CONFIG_VALUE',
        `the files of a folder of source ${name} belong to several datasets, and cannot be committed together`,
        { hint: 'Make the dataset "{source}" or "{parent}".' },
      ),
    )
  }
  return problems
}

function checkResend(name: string, entry: SourceFileEntry, { tree }: BuildContext): readonly Problem[] {
  const { resend } = entry
  if (resend === undefined) return []
  const key = ['sources', name, 'resend']
  const problems: Problem[] = []
  const placeholders = [...resend.name.matchAll(/\{([^{}]*)\}/g)].map(([, text = '']) => text)
  const wrong = (message: string, hint: string): void => {
    problems.push(problemAt(valuePlace(tree, [...key, 'name']), 'CONFIG_TEMPLATE', message, { hint }))
  }
  if (entry.dataset.includes('{stem}')) {
    problems.push(
      problemAt(
        valuePlace(tree, [...key, 'name']),
        'CONFIG_VALUE',
        `editions of one file of source ${name} would belong to different datasets`,
        { hint: 'Make the dataset "{source}" or "{parent}".' },
      ),
    )
  }
  const kinds = Object.values(entry.targets ?? { target: entry.target }).map((target) => target?.kind)
  if (resend.policy === 'replace' && kinds.includes('delta')) {
    problems.push(
      problemAt(
        valuePlace(tree, [...key, 'policy']),
        'CONFIG_DISPOSITION',
        `source ${name}: a new edition cannot replace the older one in a Delta table: rows are only appended to it`,
        { hint: 'Use policy ignore or quarantine.' },
      ),
    )
  }
  if (/[{}]/.test(resend.name.replaceAll(/\{[^{}]*\}/g, ''))) {
    wrong(`resend.name of source ${name} has a brace without its pair`, 'Write placeholders as {date} and {n}.')
  } else if (placeholders.some((placeholder) => !/^[a-z][a-z0-9_]*$/i.test(placeholder))) {
    wrong(`resend.name of source ${name} has a placeholder that is no word`, 'Write placeholders as {date} and {n}.')
  } else if (new Set(placeholders).size < placeholders.length) {
    wrong(`resend.name of source ${name} has a placeholder twice`, 'Give each a name of its own.')
  } else if (/\}\{/.test(resend.name)) {
    wrong(
      `resend.name of source ${name} has two placeholders with nothing between them`,
      'Nobody can tell where one ends and the other begins: name the text between them.',
    )
  }
  return problems
}
