import type { CheckResult } from '@tidegate/core'
import { examplesOf, visible, type ResultsReport } from './results-report.ts'

export interface JUnitOptions {
  /** Also for failed warnings and infos a `failure`; else they are `skipped` with their message. @defaultValue false */
  readonly strict?: boolean | undefined
  /** Of the whole report. */
  readonly seconds?: number | undefined
}

/**
 * The report as JUnit XML: one suite per file, one case per check. A failed critical check is a `failure`, one that could
 * not be evaluated an `error`, a failed warning or info is `skipped`, which a pipeline shows without turning red.
 */
export function renderJUnit({ name, files }: ResultsReport, { strict = false, seconds }: JUnitOptions = {}): string {
  const all = files.flatMap((file) => file.results)
  const time = seconds === undefined ? '' : ` time="${seconds.toFixed(3)}"`
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>']
  lines.push(`<testsuites name="${attribute(name)}"${counts(all, strict)}${time}>`)
  for (const { path, results } of files) {
    lines.push(`  <testsuite name="${attribute(path)}"${counts(results, strict)}>`)
    for (const result of results) lines.push(...testCase(result, path, strict))
    lines.push('  </testsuite>')
  }
  return `${[...lines, '</testsuites>'].join('\n')}\n`
}

type Tag = 'error' | 'failure' | 'skipped' | undefined

function tagOf({ outcome, severity }: CheckResult, strict: boolean): Tag {
  if (outcome === 'passed') return undefined
  if (outcome === 'error') return 'error'
  return severity === 'critical' || strict ? 'failure' : 'skipped'
}

function counts(results: readonly CheckResult[], strict: boolean): string {
  const tags = results.map((result) => tagOf(result, strict))
  const count = (tag: Tag): number => tags.filter((item) => item === tag).length
  return ` tests="${tags.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`
}

function testCase(result: CheckResult, path: string, strict: boolean): readonly string[] {
  const open = `    <testcase name="${attribute(result.id)}" classname="${attribute(path)}"`
  const tag = tagOf(result, strict)
  if (tag === undefined) return [`${open}/>`]
  const message = `message="${attribute(result.message)}"`
  const type = `type="${attribute(result.error?.code ?? result.severity)}"`
  // `skipped` knows no type.
  if (tag === 'skipped') return [`${open}>`, `      <skipped ${message}/>`, '    </testcase>']
  const detail = detailOf(result)
  const body = detail === '' ? '/>' : `>${content(detail)}</${tag}>`
  return [`${open}>`, `      <${tag} ${message} ${type}${body}`, '    </testcase>']
}

function detailOf(result: CheckResult): string {
  const examples = examplesOf(result, 20)
  return [
    result.type,
    ...(result.unexpectedCount === undefined
      ? []
      : [`unexpected: ${result.unexpectedCount} of ${result.elementCount ?? '?'} rows`]),
    ...(examples === '' ? [] : [`examples: ${examples}`]),
  ].join('\n')
}

function attribute(text: string): string {
  return content(text).replaceAll('"', '&quot;').replaceAll('\t', '&#9;').replaceAll('\n', '&#10;')
}

function content(text: string): string {
  return visible(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;')
}
