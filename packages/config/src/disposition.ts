/**
 * Which ways of writing a target there are: kind × mode × what a changed file does (`overwrites`). What is impossible is a
 * configuration error, since the first changed file would find out otherwise.
 */
import type { SourceConfig, TargetKind, WriteMode } from '@tidegate/core'
import type { TargetFileEntry } from './target-schema.ts'

export type Overwrites = SourceConfig['overwrites']

export interface Impossible {
  /** Key below the target that is to blame; undefined where it is the source's `overwrites`. */
  readonly key: string | undefined
  readonly message: string
  readonly hint: string
}

/** One cell of the table: undefined where it is possible. */
export function judgeDisposition(kind: TargetKind, mode: WriteMode, overwrites: Overwrites): Impossible | undefined {
  if (mode !== 'append' && (kind === 'none' || kind === 'delta')) {
    return {
      key: 'mode',
      message: `a target of kind ${kind} cannot ${mode === 'upsert' ? 'be upserted' : 'be replaced'}`,
      hint:
        kind === 'none'
          ? 'A gate keeps no rows: use mode append.'
          : 'Rows are only appended to a Delta table: use mode append, or another kind.',
    }
  }
  if (kind === 'delta' && overwrites === 'replace') {
    return {
      key: undefined,
      message: 'the rows of a changed file cannot be replaced in a Delta table: rows are only appended to it',
      hint: 'Use overwrites fail (refuse the file), ignore (note it) or append (load it beside the old rows).',
    }
  }
  if (mode === 'replace' && overwrites === 'append') {
    return {
      key: undefined,
      message: 'overwrites append keeps the rows of the older file, and mode replace takes them away',
      hint: 'Use overwrites replace, ignore or fail, or mode append.',
    }
  }
  return undefined
}

/** `replace` where all targets can, else `fail`: the others would hide new rows, or show a row twice. */
export function defaultOverwrites(kinds: readonly TargetKind[]): Overwrites {
  return kinds.includes('delta') ? 'fail' : 'replace'
}

/** Keys of one target that do not go together, or not with its kind. */
export function judgeTarget(target: TargetFileEntry): readonly Impossible[] {
  return [...kindProblems(target), ...modeProblems(target), ...columnProblems(target)]
}

function kindProblems({ kind, ...target }: TargetFileEntry): readonly Impossible[] {
  const problems: Impossible[] = []
  const isTable = kind === 'duckdb' || kind === 'postgres'
  const wrong = (key: string, message: string, hint: string): number => problems.push({ key, message, hint })
  if (kind === 'postgres' && target.path !== undefined)
    wrong('path', 'a postgres target has a url, not a path', 'Use url and table.')
  if (kind !== 'postgres' && target.url !== undefined)
    wrong('url', `a target of kind ${kind} has no url`, 'Use path, or kind postgres.')
  if (!isTable && target.table !== undefined)
    wrong('table', `a target of kind ${kind} has no table`, 'Use path, or kind duckdb or postgres.')
  if (kind === 'none') {
    for (const key of ['dedup', 'partition_by', 'add_columns'] as const) {
      if (target[key] !== undefined)
        wrong(key, `${key} needs rows, and a target of kind none keeps none`, 'Leave it out, or use another kind.')
    }
  }
  if (isTable && target.partition_by !== undefined && !(target.mode === 'replace' && target.replace === 'partitions')) {
    wrong(
      'partition_by',
      'a table has no folders: partition_by only says what replace: partitions replaces',
      'Leave it out, or use mode: replace with replace: partitions.',
    )
  }
  return problems
}

function modeProblems(target: TargetFileEntry): readonly Impossible[] {
  const problems: Impossible[] = []
  if (target.mode === 'upsert' && target.keys === undefined) {
    problems.push({
      key: 'mode',
      message: 'mode upsert needs keys: the columns that identify a row',
      hint: 'Add `keys: [id]`.',
    })
  }
  if (target.mode !== 'upsert' && target.keys !== undefined) {
    problems.push({
      key: 'keys',
      message: `keys are for mode upsert, and the mode is ${target.mode}`,
      hint: 'Use mode: upsert; or `dedup: { keys: […] }` for rows that a batch brings twice.',
    })
  }
  if (target.mode !== 'replace' && target.replace !== undefined) {
    problems.push({
      key: 'replace',
      message: `replace says what mode replace takes away, and the mode is ${target.mode}`,
      hint: 'Use mode: replace, or leave it out.',
    })
  }
  if (target.mode === 'replace' && target.replace === 'partitions' && target.partition_by === undefined) {
    problems.push({
      key: 'replace',
      message: 'replace: partitions needs partition_by: the columns that make a partition',
      hint: 'Add `partition_by: [day]`, or use replace: all.',
    })
  }
  return problems
}

function columnProblems(target: TargetFileEntry): readonly Impossible[] {
  const problems: Impossible[] = []
  const { dedup, keys, mode } = target
  if (dedup !== undefined && dedup.keys === undefined && mode !== 'upsert') {
    problems.push({ key: 'dedup', message: 'dedup needs keys', hint: 'Add `keys: [id]` to it.' })
  }
  if (mode === 'upsert' && keys !== undefined && dedup?.keys !== undefined && !sameColumns(keys, dedup.keys)) {
    problems.push({
      key: 'dedup',
      message: 'with mode upsert rows are deduplicated by its keys, and dedup names others',
      hint: 'Leave the keys of dedup out.',
    })
  }
  for (const [key, names] of [
    ['keys', keys ?? []],
    ['dedup', dedup?.keys ?? []],
    ['partition_by', target.partition_by ?? []],
    ['add_columns', addedColumns(target)],
  ] as const) {
    const folded = names.map((name) => name.toLowerCase())
    const twice = names.find((_, index) => folded.indexOf(folded[index] ?? '') !== index)
    if (twice !== undefined)
      problems.push({ key, message: `${key} names column ${JSON.stringify(twice)} twice`, hint: 'Name it once.' })
  }
  return problems
}

function addedColumns({ add_columns: added = {} }: TargetFileEntry): readonly string[] {
  return [added.source_path, added.row_number, added.batch_id].filter((name) => typeof name === 'string')
}

function sameColumns(a: readonly string[], b: readonly string[]): boolean {
  const fold = (names: readonly string[]): string =>
    names
      .map((name) => name.toLowerCase())
      .toSorted()
      .join('\0')
  return fold(a) === fold(b)
}
