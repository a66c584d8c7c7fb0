/** `target:` or `targets:` → core's `TargetConfig`s, with their defaults, and what is wrong with them. */
import type { SourceConfig, TargetConfig } from '@tidegate/core'
import type { SourceFileEntry } from './config-schema.ts'
import { defaultOverwrites, judgeDisposition, judgeTarget } from './disposition.ts'
import { checkTemplate, toAbsolute, type BuildContext } from './paths-and-templates.ts'
import { problemAt, type Problem } from './problem.ts'
import type { ColumnChoice, TargetFileEntry } from './target-schema.ts'
import { keyPlace, treeAt, valuePlace, variableWords } from './tree.ts'

/** A target as written, with its name and where it stands. */
export interface WrittenTarget {
  readonly name: string
  readonly key: readonly string[]
  readonly entry: TargetFileEntry
  /** What the file would say if it left nothing out; only keys that this kind has. */
  readonly path: string | undefined
  readonly table: string | undefined
}

/** The targets of a source in the order in which they are written; one of Parquet files where none is. */
export function writtenTargets(source: string, entry: SourceFileEntry): readonly WrittenTarget[] {
  const several = Object.entries(entry.targets ?? {})
  if (entry.target !== undefined || several.length === 0) {
    const only = entry.target ?? { kind: 'parquet', mode: 'append' }
    return [{ name: 'target', key: ['sources', source, 'target'], entry: only, ...placeOf(entry, only, undefined) }]
  }
  return several.map(([name, target]) => ({
    name,
    key: ['sources', source, 'targets', name],
    entry: target,
    ...placeOf(entry, target, name),
  }))
}

/**
 * Where file names decide the dataset, targets lie below the source's name: a file `weather.csv` of one source must not
 * end up in the table of another source that is called weather. Several targets lie below their own names.
 */
function placeOf(
  source: SourceFileEntry,
  { kind, path, table }: TargetFileEntry,
  name: string | undefined,
): Pick<WrittenTarget, 'path' | 'table'> {
  const ownDataset = source.dataset === '{source}'
  const dataset = ownDataset ? '{dataset}' : '{source}/{dataset}'
  switch (kind) {
    case 'postgres':
      return { path: undefined, table: table ?? (ownDataset ? '{dataset}' : '{source}_{dataset}') }
    case 'duckdb':
      return { path: path ?? `lake/${name ?? 'tables'}/{source}.duckdb`, table: table ?? '{dataset}' }
    case 'none':
      return {
        path: path ?? `.tidegate/gate/${name === undefined ? '' : `${name}/`}{source}/{dataset}`,
        table: undefined,
      }
    case 'parquet':
    case 'delta':
      return { path: path ?? `lake/${name ?? 'raw'}/${dataset}`, table: undefined }
    default:
      return kind satisfies never
  }
}

export interface BuiltTargets {
  readonly targets: readonly [TargetConfig, ...TargetConfig[]]
  readonly overwrites: SourceConfig['overwrites']
}

export function buildTargets(
  source: string,
  entry: SourceFileEntry,
  context: BuildContext,
  problems: Problem[],
): BuiltTargets {
  const { tree } = context
  const at = (...keys: readonly string[]): readonly string[] => ['sources', source, ...keys]
  if (entry.target !== undefined && entry.targets !== undefined) {
    problems.push(
      problemAt(keyPlace(tree, at('targets')), 'CONFIG_VALUE', `source ${source} has both target and targets`, {
        hint: 'Move the one under `target` to `targets` and give it a name.',
      }),
    )
  }
  const written = writtenTargets(source, entry)
  const overwrites = entry.overwrites ?? defaultOverwrites(written.map((target) => target.entry.kind))
  for (const target of written) {
    const impossible = [
      ...judgeTarget(target.entry),
      ...(judgeDisposition(target.entry.kind, target.entry.mode, overwrites) === undefined
        ? []
        : [judgeDisposition(target.entry.kind, target.entry.mode, overwrites)]),
    ].filter((found) => found !== undefined)
    for (const { key, message, hint } of impossible) {
      const path = key === undefined ? at('overwrites') : [...target.key, key]
      problems.push(problemAt(valuePlace(tree, path), 'CONFIG_DISPOSITION', `source ${source}: ${message}`, { hint }))
    }
    problems.push(...checkWritten(source, entry, target, context))
  }
  const [first, ...rest] = written.map((target) => buildTarget(target, context, problems))
  if (first === undefined) throw new Error('a source has at least one target')
  return { targets: [first, ...rest], overwrites }
}

function checkWritten(
  source: string,
  { dataset }: SourceFileEntry,
  { key, entry, path, table }: WrittenTarget,
  { tree }: BuildContext,
): readonly Problem[] {
  const problems: Problem[] = []
  const known = ['dataset', 'source']
  if (path !== undefined) problems.push(...checkTemplate(tree, [...key, 'path'], path, known))
  if (table !== undefined) problems.push(...checkTemplate(tree, [...key, 'table'], table, known))
  // One that is wrong has been told of.
  if (entry.kind === 'postgres' && entry.url === undefined && treeAt(tree, [...key, 'url']) === undefined) {
    problems.push(
      problemAt(keyPlace(tree, key), 'CONFIG_MISSING_KEY', `the postgres target of source ${source} has no url`, {
        hint: 'Add `url: "${DATABASE_URL}"`.',
      }),
    )
  }
  if (table !== undefined && table.replaceAll(/\{[^{}]*\}/g, '').split('.').length > 2) {
    problems.push(
      problemAt(
        valuePlace(tree, [...key, 'table']),
        'CONFIG_VALUE',
        `the table of source ${source} has more than one dot`,
        {
          hint: 'Write `table` or `schema.table`.',
        },
      ),
    )
  }
  // Each dataset has its own commit log, or its own table.
  const place = `${path ?? ''} ${table ?? ''}`
  if (/\{(stem|parent)\}/.test(dataset) && !place.includes('{dataset}')) {
    const blamed = [...key, table === undefined ? 'path' : 'table']
    const message = `the target of source ${source} must contain {dataset}: its datasets would share one commit log`
    problems.push(
      problemAt(valuePlace(tree, blamed), 'CONFIG_VALUE', message, {
        hint:
          table !== undefined
            ? 'Put {dataset} into the table, or make the dataset "{source}".'
            : variableWords(tree, blamed) === undefined
              ? `Write ${(path ?? '').replace(/\/+$/, '')}/{dataset}, or make the dataset "{source}".`
              : 'End the path in /{dataset}, or make the dataset "{source}".',
      }),
    )
  }
  return problems
}

function buildTarget(
  { name, key, entry, path, table }: WrittenTarget,
  context: BuildContext,
  problems: Problem[],
): TargetConfig {
  const added = entry.add_columns ?? {}
  return {
    name,
    kind: entry.kind,
    layer: entry.layer,
    path: path === undefined ? (entry.url ?? '') : toAbsolute(path, [...key, 'path'], context, problems),
    table: table ?? '{dataset}',
    mode: entry.mode,
    replace: entry.replace ?? 'all',
    keys: entry.keys ?? [],
    dedup:
      entry.dedup === undefined
        ? undefined
        : { keys: entry.dedup.keys ?? entry.keys ?? [], orderBy: entry.dedup.order_by },
    partitionBy: entry.partition_by ?? [],
    lineage: {
      sourcePath: columnName(added.source_path, '_source_path'),
      rowNumber: columnName(added.row_number, '_row_number'),
      batchId: columnName(added.batch_id, '_batch_id'),
    },
  }
}

function columnName(choice: ColumnChoice | undefined, usual: string): string | undefined {
  if (choice === undefined || choice === false) return undefined
  return choice === true ? usual : choice
}
