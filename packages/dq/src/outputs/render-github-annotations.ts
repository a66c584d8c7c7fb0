import type { CheckResult } from '@tidegate/core'
import { examplesOf, standingOf, visible, type ResultsReport } from './results-report.ts'

/**
 * Failed checks as workflow commands of GitHub Actions, one per line: errors and failed critical checks as `::error`,
 * warnings as `::warning`, infos as `::notice`. GitHub shows ten of each kind per step: beyond that, the tenth line says
 * how many more there are. Empty if all passed.
 */
export function renderGithubAnnotations({ name, files }: ResultsReport): string {
  const found: Record<Kind, string[]> = { error: [], warning: [], notice: [] }
  for (const { path, results } of files)
    for (const result of results) {
      const kind = kindOf(result)
      if (kind !== undefined) found[kind].push(annotation(kind, path, result))
    }
  const lines = KINDS.flatMap((kind) => limited(kind, found[kind], name))
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}

type Kind = 'error' | 'warning' | 'notice'
const KINDS: readonly Kind[] = ['error', 'warning', 'notice']
const MOST = 10

function kindOf(result: CheckResult): Kind | undefined {
  switch (standingOf(result)) {
    case 'passed':
      return undefined
    case 'warned':
      return 'warning'
    case 'noted':
      return 'notice'
    default:
      return 'error'
  }
}

function limited(kind: Kind, lines: readonly string[], name: string): readonly string[] {
  if (lines.length <= MOST) return lines
  const more = lines.length - (MOST - 1)
  const title = property(`${name}: ${more} more`)
  return [
    ...lines.slice(0, MOST - 1),
    `::${kind} title=${title}::${data(`${more} more checks of this kind; GitHub shows ${MOST}`)}`,
  ]
}

function annotation(kind: Kind, path: string, result: CheckResult): string {
  const examples = examplesOf(result, 5)
  const message = examples === '' ? result.message : `${result.message} (${examples})`
  return `::${kind} file=${property(path)},title=${property(result.id)}::${data(message)}`
}

function data(text: string): string {
  return visible(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
