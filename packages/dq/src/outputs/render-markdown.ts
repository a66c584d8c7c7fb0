import type { CheckResult } from '@tidegate/core'
import { scoreChecks, scoreText } from '../scores/score-checks.ts'
import {
  examplesOf,
  standingOf,
  totalsOf,
  visible,
  type ResultsReport,
  type Standing,
  type Totals,
} from './results-report.ts'

export interface MarkdownOptions {
  /** Failed checks that are shown with their examples. @defaultValue 50 */
  readonly failedLimit?: number | undefined
  /** Rows of the table of all checks. @defaultValue 200 */
  readonly tableLimit?: number | undefined
}

/** The report as GitHub flavoured Markdown: the verdict, the failed checks, then all of them. */
export function renderMarkdown(
  report: ResultsReport,
  { failedLimit = 50, tableLimit = 200 }: MarkdownOptions = {},
): string {
  const rows = report.files.flatMap(({ path, results }) => results.map((result) => ({ path, result })))
  const failed = rows
    .filter(({ result }) => result.outcome !== 'passed')
    .sort((a, b) => rank(a.result) - rank(b.result))
  const results = rows.map(({ result }) => result)
  const blocks = [`## ${cell(report.name)}`, headline(report, totalsOf(results)), ...scoreLine(results)]
  if (failed.length > 0)
    blocks.push(
      '### Failed',
      table(
        ['', 'Check', 'File', 'What', 'Unexpected', 'Examples'],
        failed
          .slice(0, failedLimit)
          .map(({ path, result }) => [
            MARKS[standingOf(result)],
            code(result.id),
            code(path),
            cell(result.message),
            countText(result),
            exampleCell(result),
          ]),
      ),
      ...more(failed.length - failedLimit, 'failed checks'),
    )
  if (rows.length > 0)
    blocks.push(
      '### All checks',
      table(
        ['', 'Check', 'File', 'Severity'],
        rows
          .slice(0, tableLimit)
          .map(({ path, result }) => [MARKS[standingOf(result)], code(result.id), code(path), result.severity]),
      ),
      ...more(rows.length - tableLimit, 'checks'),
    )
  return `${blocks.join('\n\n')}\n`
}

/** The step summary of GitHub Actions, which takes 1 MiB: the tables are cut until it fits. */
export function renderGithubSummary(report: ResultsReport): string {
  for (const tableLimit of [200, 50, 10, 0]) {
    const text = renderMarkdown(report, { failedLimit: Math.max(1, Math.min(50, tableLimit)), tableLimit })
    if (new TextEncoder().encode(text).length <= LARGEST) return text
  }
  return `${headline(report, totalsOf(report.files.flatMap((file) => file.results)))}\n`
}

const LARGEST = 1_000_000

const MARKS: Readonly<Record<Standing, string>> = {
  passed: '✅',
  failed: '❌',
  broken: '💥',
  warned: '⚠️',
  noted: 'ℹ️',
}

function rank(result: CheckResult): number {
  return ['broken', 'failed', 'warned', 'noted', 'passed'].indexOf(standingOf(result))
}

function headline({ verdict, score, files }: ResultsReport, totals: Totals): string {
  const parts = [
    `${totals.passed} of ${totals.checks} ${totals.checks === 1 ? 'check' : 'checks'} passed in ${files.length} ${files.length === 1 ? 'file' : 'files'}`,
    ...(totals.broken === 0 ? [] : [`${totals.broken} could not be evaluated`]),
    ...(totals.failed === 0 ? [] : [`${totals.failed} failed`]),
    ...(totals.warned === 0 ? [] : [`${totals.warned} warned`]),
    ...(totals.noted === 0 ? [] : [`${totals.noted} noted`]),
    ...(typeof score === 'number' ? [`score ${Math.floor(score * 100) / 100}`] : []),
  ]
  const word =
    verdict ?? (totals.checks === 0 ? 'nothing was checked' : totals.broken + totals.failed > 0 ? 'failed' : 'passed')
  return `**${cell(word)}** · ${parts.join(' · ')}`
}

/** One line of scores by dimension, each with its number of checks. */
function scoreLine(results: readonly CheckResult[]): readonly string[] {
  const { byDimension } = scoreChecks(results)
  const parts = Object.entries(byDimension).map(([dimension, score]) => `${dimension} ${scoreText(score)}`)
  return parts.length === 0 ? [] : [`Scores: ${parts.join(' · ')}`]
}

function countText({ unexpectedCount, elementCount, unexpectedPercent }: CheckResult): string {
  if (unexpectedCount === undefined) return ''
  const percent = typeof unexpectedPercent === 'number' ? ` (${Number(unexpectedPercent.toFixed(2))}%)` : ''
  return `${unexpectedCount}${elementCount === undefined ? '' : ` of ${elementCount}`}${percent}`
}

function exampleCell(result: CheckResult): string {
  const examples = examplesOf(result, 5)
  return examples === '' ? '' : code(examples)
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function more(count: number, what: string): readonly string[] {
  return count > 0 ? [`… and ${count} more ${what}`] : []
}

/** Text in a table: no markup of its own, no line breaks, nothing that ends the cell. */
function cell(text: string): string {
  return flat(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_{}[\]()#+!|~@$]/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** Code as a tag, because in a table neither backticks nor pipes are safe between backticks. */
function code(text: string): string {
  return text === '' ? '' : `<code>${cell(text)}</code>`
}

function flat(text: string): string {
  const short = text.length > 300 ? `${text.slice(0, 300)}…` : text
  return visible(short).replaceAll(/[\r\n\t]+/g, ' ')
}
