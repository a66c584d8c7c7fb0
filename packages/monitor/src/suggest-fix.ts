/** What a person can do about a kind of failure, in one or two sentences with the command to begin with. */

import { shellWord } from './shell-word.ts'

export interface FailureTraits {
  readonly kind: 'check' | 'file' | 'run'
  /** Check id, finding code or error code. */
  readonly code: string
  /** Type of the check, for checks. */
  readonly type?: string | undefined
  readonly outcome?: 'failed' | 'error' | undefined
  /** Severity of the check, and whether it tells failing rows from good ones: only then rows can have been rejected. */
  readonly severity?: string | undefined
  readonly rowLevel?: boolean | undefined
  readonly source: string
  /** Path of a damaged file of which a repair with loss would bring rows back. */
  readonly offer?: string | undefined
}

export function suggestFix(failure: FailureTraits): string {
  const explain = `\`tidegate explain ${failure.code}\``
  switch (failure.kind) {
    case 'check':
      return suggestForCheck(failure)
    case 'file':
      if (failure.offer !== undefined) return suggestRepair(failure.source, failure.offer)
      return suggestForCode(failure.code) ?? `See ${explain}; \`tidegate files explain <path>\` tells what was tried.`
    case 'run':
      if (failure.code === 'ENOENT') return MISSING
      return suggestForCode(failure.code) ?? `See ${explain}, then run the source again: what was committed stays.`
  }
  return explain
}

function suggestRepair(source: string, path: string): string {
  const file = shellWord(path)
  const setting = shellWord(`sources.${source}.repair=lossy`)
  return `Ask the sender to send it again. If that cannot be, a part of it can be brought back: \`tidegate files explain ${file}\` says how much, \`tidegate files retry ${file} --set ${setting}\` loads it.`
}

function suggestForCheck({ code, type = '', outcome, severity, rowLevel = true }: FailureTraits): string {
  if (outcome === 'error') {
    return 'The check could not run: see its message, then correct its arguments or its column in the contract.'
  }
  if (NULLS.test(code)) return CAME_NULL
  const advice = CHECKS.find(([pattern]) => pattern.test(type))?.[1] ?? LOOK
  if (typeof advice === 'string') return advice
  return severity === undefined || severity === 'critical' ? (rowLevel ? advice.rows : advice.file) : advice.warning
}

/** Of a column that the contract says has no NULLs. */
const NULLS = /^schema:.*:nullable$/s
const CAME_NULL =
  'NULLs came in a column that must have none: ask the sender, or set `nullable: true` for it in the contract.'

/** Where rows were rejected there is something to look at; where a figure of the whole file is off, or it is a warning, not. */
interface Advice {
  readonly rows: string
  readonly file: string
  readonly warning: string
}

const MISSING =
  'A file or folder that the run needs is not there: the message names it. Create it, then run the source again.'

const LOOK: Advice = {
  rows: 'Look at the rejected rows with `tidegate quarantine ls`; if the data is right, change the expectation in the contract.',
  file: 'The file as a whole is not as expected, no single row: `tidegate files explain <path>` shows what was found; if the data is right, change the expectation in the contract.',
  warning:
    'It is a warning, no row was rejected: `tidegate files explain <path>` shows what was found; if the data is right, change the expectation in the contract.',
}

const BOUNDS: Advice = {
  rows: 'Values lie outside the bounds: look at the rejected rows with `tidegate quarantine ls`; if they are right, widen the bounds in the contract.',
  file: 'A figure of the whole file lies outside the bounds: compare it with the files before; if it is right, widen the bounds in the contract.',
  warning:
    'Values lie outside the bounds; it is a warning, no row was rejected: `tidegate files explain <path>` shows them; if they are right, widen the bounds in the contract.',
}

const CHECKS: readonly (readonly [type: RegExp, text: string | Advice])[] = [
  [
    /^schema$|_column_to_exist|table_columns|be_of_type|in_type_list/,
    'The shape of the files changed: `tidegate files explain <path>` names the columns; change the contract or ask the sender.',
  ],
  [
    /not_be_null/,
    'Values are missing: ask the sender, or state how many may be missing with `mostly` in the contract.',
  ],
  [
    /be_unique|compound_columns/,
    'Rows occur more than once: look for files sent twice or overlapping deliveries; `duplicates: skip` catches files with the same bytes.',
  ],
  [/row_count/, 'Too few or too many rows: look for deliveries cut short or sent twice before widening the bounds.'],
  [/_mean_|_median_|_max_|_min_|_sum_|stdev|quantile/, { ...BOUNDS, rows: BOUNDS.file, warning: BOUNDS.file }],
  [/be_between/, BOUNDS],
  [
    /in_set|match_regex|match_like|match_strftime/,
    'Values of an unknown kind: if they are right, add them to the contract; else correct them at the sender.',
  ],
]

function suggestForCode(code: string): string | undefined {
  return CODES.find(([pattern]) => pattern.test(code))?.[1]
}

const CODES: readonly (readonly [code: RegExp, text: string])[] = [
  [
    /^PQ70[67]$/,
    'The file is another one than the contract expects: `tidegate files explain <path>` shows what it is; ask the sender, or learn a contract for it.',
  ],
  [
    /^PQ\d+$/,
    'The file is damaged: `tidegate files explain <path>` shows where and what can be saved; ask the sender to send it again.',
  ],
  [
    /^ENGINE_OUT_OF_MEMORY$/,
    'Give the run more memory (`limits.memory`) or fewer workers (`--workers`), then run it again.',
  ],
  [
    /^(ENGINE_DISK_FULL|STATE_FULL|ENOSPC)$/,
    'Free space on the disk, then run the source again; nothing was half-written.',
  ],
  [
    /^ENGINE_CRASHED$/,
    'The engine stopped on this file; it is tried again on the next run. If it lasts, move the file away and report it.',
  ],
  [
    /^(EACCES|EPERM|SOURCE_FORBIDDEN|SOURCE_UNREADABLE)$/,
    'Give the user that runs Tidegate read permission on the files.',
  ],
  [
    /^(ENOENT|SOURCE_GONE)$/,
    'The file went away while it was read: let the sender write under another name and rename at the end.',
  ],
  [
    /^(SOURCE_CHANGED|SOURCE_MOVED)$/,
    'The file was written while it was read: raise `ready.settle` or use a marker file.',
  ],
  [/LEASE/, 'Another run holds the source: wait for it, or look who it is with `tidegate history`.'],
  [/CONTRACT/, 'Check the contract with `tidegate contract check`.'],
  [/CONFIG/, 'Check the configuration with `tidegate config check`.'],
]
