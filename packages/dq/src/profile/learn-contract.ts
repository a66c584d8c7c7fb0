import type { Contract, ContractColumn, FileRules, ReadOptions } from '@tidegate/core'
import { NO_LESSONS, severityOf, type Draft, type Lessons, type RuleGroup } from './draft.ts'
import { draftNullRule, draftUniqueRule } from './draft-completeness.ts'
import { draftRangeRule } from './draft-range.ts'
import { draftTextRule } from './draft-text.ts'
import { findOddFiles } from './find-odd-files.ts'
import type { OddFile } from './oddity.ts'
import { mergePrevious } from './merge-previous.ts'
import type { ColumnProfile, Profile } from './profile-types.ts'
import { selectSlices, slicesOfFiles } from './select-slices.ts'
import { splitForLearning } from './split-for-learning.ts'
import { formatCount, type DroppedSuggestion, type HoldOut, type Suggestion } from './suggestion.ts'
import { tryDraft } from './try-draft.ts'
import { wilsonInterval } from './wilson.ts'

export interface LearnOptions {
  /** Name of the dataset, written into the contract. */
  readonly dataset: string
  /** File rules and read options to pin in the contract. */
  readonly file?: FileRules | undefined
  readonly read?: ReadOptions | undefined
  /** The contract in force: it is kept where the data still satisfies it. See {@link mergePrevious}. */
  readonly previous?: Contract | undefined
  /** Keys of files to leave out. @defaultValue those that `findOddFiles` names */
  readonly leaveOut?: ReadonlySet<string> | undefined
}

export interface LearnedContract {
  readonly contract: Contract
  /**
   * What the data suggests beyond names and types, each with its grounds. All of it is in the contract, in this order, unless
   * there was a previous one; see `suggestionFor`.
   */
  readonly suggestions: readonly Suggestion[]
  /** Rules that looked right and failed on the rows held back, and those of the previous contract that had to go. */
  readonly dropped: readonly DroppedSuggestion[]
  /** Files that were found odd, whether or not they were left out. */
  readonly oddFiles: readonly OddFile[]
}

/**
 * Writes a contract from a profile. Pure: the same profile gives the same contract.
 *
 * Odd files are left out, unless they are most of all files. A file whose types differ has changed the types of the
 * whole relation: profile again without it. Every rule is learned from two thirds of the files (or rows), tried on the other third, and
 * then written from all of them; one that failed the try is widened, or dropped where it cannot be.
 */
export function learnContract(profile: Profile, options: LearnOptions): LearnedContract {
  const oddFiles = findOddFiles(profile)
  const kept = withoutFiles(profile, options.leaveOut ?? keysToLeaveOut(profile, oddFiles))
  const parts = splitForLearning([...kept.slices.keys()])
  const learn = selectSlices(kept, parts.learn)
  const test = selectSlices(kept, parts.test)

  const suggestions: Suggestion[] = []
  const dropped: DroppedSuggestion[] = []
  for (const [position, column] of kept.columns.entries()) {
    const found = learnColumn(
      { column, profile: kept },
      { column: learn.columns[position] ?? column, profile: learn },
      test.rows === 0 ? undefined : { column: test.columns[position] ?? column, profile: test },
    )
    suggestions.push(...found.suggestions)
    dropped.push(...found.dropped)
  }
  suggestions.push(...rowRuleSuggestions(kept), ...rowCountSuggestion(kept))

  const learned: Contract = {
    contract: options.dataset,
    version: 1,
    ...(options.file === undefined ? {} : { file: options.file }),
    ...(options.read === undefined ? {} : { read: options.read }),
    schema: { columns: schemaColumns(kept, suggestions) },
    expectations: suggestions.filter((item) => item.place === 'expectations').map((item) => item.expectation),
  }
  if (options.previous === undefined) return { contract: learned, suggestions, dropped, oddFiles }
  const merged = mergePrevious(options.previous, learned, kept)
  return { contract: merged.contract, suggestions, dropped: [...dropped, ...merged.dropped], oddFiles }
}

interface Part {
  readonly column: ColumnProfile
  readonly profile: Profile
}

function learnColumn(
  all: Part,
  learn: Part,
  test: Part | undefined,
): { readonly suggestions: readonly Suggestion[]; readonly dropped: readonly DroppedSuggestion[] } {
  const widen = new Set<RuleGroup>()
  const barred = new Set<RuleGroup>()
  const why = new Map<RuleGroup, string>()
  const passed = new Set<RuleGroup>()
  const dropped: DroppedSuggestion[] = []
  if (test !== undefined) {
    // A barred rule may give way to another one of the same column, which has to be tried in turn.
    for (let round = 0; round < GROUPS; round++) {
      const before = barred.size
      for (const draft of draftColumn(learn, { widen: NO_LESSONS.widen, barred })) {
        const broken = tryDraft(draft, test.column)
        if (broken === undefined) {
          passed.add(draft.group)
          continue
        }
        const said = test.column.sensitive === null ? broken : 'some values break it'
        why.set(draft.group, said)
        if (WIDENABLE.has(draft.group)) widen.add(draft.group)
        else if (!barred.has(draft.group)) {
          barred.add(draft.group)
          dropped.push({
            expectation: draft.expectation,
            reason: `${draft.basis}; but among the rows kept back ${said}`,
          })
        }
      }
      if (barred.size === before) break
    }
  }
  const suggestions = draftColumn(all, { widen, barred }).map((draft): Suggestion => {
    const broken = widen.has(draft.group) ? why.get(draft.group) : undefined
    const holdOut: HoldOut = broken !== undefined ? 'widened' : passed.has(draft.group) ? 'passed' : 'none'
    return {
      expectation: draft.expectation,
      place: draft.place,
      confidence: wilsonInterval(draft.satisfied, draft.considered),
      basis:
        broken === undefined
          ? draft.basis
          : `${draft.basis}; learned from two thirds it was too narrow (${broken}), so it was widened`,
      holdOut,
    }
  })
  return { suggestions, dropped }
}

const WIDENABLE: ReadonlySet<RuleGroup> = new Set(['null', 'range', 'regex', 'length'])
const GROUPS = 6

function draftColumn({ column, profile }: Part, lessons: Lessons): readonly Draft[] {
  if (column.rows === column.nulls) return []
  return [
    draftNullRule(column, lessons),
    draftUniqueRule(column, lessons),
    draftRangeRule(column, profile, lessons),
    draftTextRule(column, profile, lessons),
  ].filter((draft) => draft !== undefined)
}

/**
 * A key of several columns, and the order of the rows. Both were searched on a part of the rows and proved over all of
 * them, so that the rest was held back; with one small file there is no rest to speak of. Of an order nobody knows
 * whether it was meant: a warning.
 */
function rowRuleSuggestions({
  compoundKey,
  ordered,
  columns,
  files,
  sampledRows,
  rows,
}: Profile): readonly Suggestion[] {
  const names = new Set(columns.map((column) => column.name))
  const suggestions: Suggestion[] = []
  if (compoundKey !== undefined && compoundKey !== null && compoundKey.columns.every((name) => names.has(name)))
    suggestions.push({
      expectation: {
        type: 'expect_compound_columns_to_be_unique',
        kwargs: { column_list: compoundKey.columns },
        severity: severityOf(compoundKey.rows, compoundKey.rows),
      },
      place: 'expectations',
      confidence: wilsonInterval(compoundKey.rows, compoundKey.rows),
      basis: `no combination occurs twice in a file, in ${formatCount(compoundKey.rows, 'row')}, and no column is a key alone`,
      holdOut: 'passed',
    })
  if (ordered !== undefined && ordered !== null && names.has(ordered.column))
    suggestions.push({
      expectation: {
        type: 'expect_column_values_to_be_increasing',
        kwargs: { column: ordered.column, ...(ordered.strictly ? { strictly: true } : {}) },
        severity: 'warning',
      },
      place: 'expectations',
      confidence: wilsonInterval(ordered.rows, ordered.rows),
      basis: `${ordered.strictly ? 'each value is above' : 'no value is below'} the one before it, in ${formatCount(ordered.rows, 'row')}`,
      holdOut: files.length > 1 || sampledRows < rows ? 'passed' : 'none',
    })
  return suggestions
}

function rowCountSuggestion(profile: Profile): readonly Suggestion[] {
  const files = new Set(profile.slices.map((slice) => slice.file))
  const filled = new Set(profile.slices.filter((slice) => slice.rows > 0).map((slice) => slice.file))
  if (files.size === 0 || filled.size < files.size) return []
  return [
    {
      expectation: { type: 'expect_table_row_count_to_be_between', kwargs: { min_value: 1 }, severity: 'critical' },
      place: 'expectations',
      confidence: wilsonInterval(files.size, files.size),
      basis: `${formatCount(files.size, 'file')}, none without rows`,
      holdOut: 'none',
    },
  ]
}

function schemaColumns(profile: Profile, suggestions: readonly Suggestion[]): Readonly<Record<string, ContractColumn>> {
  const filled = new Set(
    suggestions.filter((item) => item.place === 'schema').map((item) => item.expectation.kwargs['column']),
  )
  // No prototype: a column named __proto__ must stay a column.
  const columns = Object.create(null) as Record<string, ContractColumn>
  for (const { name, type, sensitive } of profile.columns) {
    const presence = presenceOf(name, profile)
    if (presence === 'nowhere') continue
    columns[name] = {
      type,
      ...(filled.has(name) ? { nullable: false } : {}),
      ...(presence === 'somewhere' ? { required: false } : {}),
      ...(sensitive === null ? {} : { sensitive: 'mask' as const }),
    }
  }
  return columns
}

/** In how many of the files the column is, as far as their own columns are known. */
function presenceOf(name: string, profile: Profile): 'everywhere' | 'somewhere' | 'nowhere' {
  const positions = new Set(profile.slices.map((slice) => slice.file))
  const known = profile.files.filter((file, position) => positions.has(position) && file.columns !== undefined)
  const having = known.filter((file) => file.columns?.some((column) => column.name === name))
  if (having.length === known.length) return 'everywhere'
  return having.length === 0 ? 'nowhere' : 'somewhere'
}

/** With more odd files than others, nobody knows which ones are odd. */
function keysToLeaveOut(profile: Profile, oddFiles: readonly OddFile[]): ReadonlySet<string> {
  const keys = new Set(oddFiles.map((odd) => odd.key))
  return keys.size * 2 > profile.files.length ? new Set() : keys
}

function withoutFiles(profile: Profile, keys: ReadonlySet<string>): Profile {
  if (keys.size === 0) return profile
  const kept = new Set(profile.files.map((file) => file.key).filter((key) => !keys.has(key)))
  return selectSlices(profile, slicesOfFiles(profile, kept))
}
