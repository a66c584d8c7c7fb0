import { maskAddresses, maskExcerpt, stars } from './mask-secrets.ts'

/** Something in a file of the user's that is wrong (`error`) or probably not meant (`warning`). Lines and columns count from 1. */
export interface Problem {
  readonly code: ProblemCode
  readonly severity: 'error' | 'warning'
  /** One sentence without a full stop. Values of variables and of channel addresses never appear in it. */
  readonly message: string
  /** As the caller named it; `--set` for a value given on the command line. */
  readonly file: string
  readonly line?: number
  readonly column?: number
  /** Column after the last character, on the same line. */
  readonly endColumn?: number
  readonly hint?: string
  /** The line of the file; addresses of channels, and what follows the host in other URLs, are stars. Left out for very long lines and for `.env`. */
  readonly excerpt?: string
}

export type ProblemCode =
  | 'CONFIG_SYNTAX'
  | 'CONFIG_DUPLICATE_KEY'
  | 'CONFIG_VERSION'
  | 'CONFIG_UNKNOWN_KEY'
  | 'CONFIG_MISSING_KEY'
  | 'CONFIG_TYPE'
  | 'CONFIG_VALUE'
  | 'CONFIG_MISSING_VARIABLE'
  | 'CONFIG_UNKNOWN_ENVIRONMENT'
  | 'CONFIG_TEMPLATE'
  | 'CONFIG_TARGET_IN_SOURCE'
  | 'CONFIG_SOURCE_OVERLAP'
  | 'CONFIG_UNKNOWN_CHANNEL'
  | 'CONFIG_NOT_YET'
  | 'CONFIG_DISPOSITION'
  | 'INGESTION_NAME'
  | 'INGESTION_OUTSIDE'
  | 'INGESTION_TARGET'
  | 'INGESTION_VARIABLE'

/** A text that problems point into. */
export interface TextSource {
  readonly file: string
  readonly lines: readonly string[]
}

/** A stretch of one line. Lines and columns count from 1; `endColumn` is exclusive. */
export interface Place {
  readonly source: TextSource
  readonly line: number
  readonly column: number
  readonly endColumn: number
  /** What stands there is not shown. */
  readonly secret?: boolean
}

export interface ProblemOptions {
  /** @defaultValue 'error' */
  readonly severity?: 'error' | 'warning'
  readonly hint?: string | undefined
}

/** Builds a problem at a place. */
export function problemAt(
  place: Place,
  code: ProblemCode,
  message: string,
  { severity = 'error', hint }: ProblemOptions = {},
): Problem {
  const line = place.source.lines[place.line - 1]
  return {
    code,
    severity,
    message: maskAddresses(message),
    file: place.source.file,
    line: place.line,
    column: place.column,
    endColumn: place.endColumn,
    ...(hint === undefined ? {} : { hint: maskAddresses(hint) }),
    ...(line === undefined || line.length > LONGEST_EXCERPT ? {} : { excerpt: excerptOf(line, place) }),
  }
}

/** The problems once each, by file and place. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  const unique = new Map<string, Problem>()
  for (const problem of problems) {
    const key = JSON.stringify([problem.code, problem.file, problem.line, problem.column, problem.message])
    if (!unique.has(key)) unique.set(key, problem)
  }
  return [...unique.values()].sort(comparePlaces)
}

/** Quotes a value of the user's for a message: control characters escaped, long texts cut. */
export function quoteValue(value: string): string {
  const short = value.length > LONGEST_QUOTE ? `${value.slice(0, LONGEST_QUOTE)}…` : value
  return JSON.stringify(maskAddresses(short))
}

const LONGEST_EXCERPT = 400
const LONGEST_QUOTE = 80

function comparePlaces(a: Problem, b: Problem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0) || (a.code < b.code ? -1 : 1)
}

function excerptOf(line: string, { secret = false, column, endColumn }: Place): string {
  // First by the keys of the line: what is hidden here may be one of them.
  const masked = maskExcerpt(line)
  if (!secret) return masked
  return masked.slice(0, column - 1) + stars(masked.slice(column - 1, endColumn - 1)) + masked.slice(endColumn - 1)
}
