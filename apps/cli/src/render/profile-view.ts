import path from 'node:path'
import { formatExpectation, formatSuggestionBasis, suggestionFor } from '@tidegate/dq'
import type { DatasetProfile } from '@tidegate/pipeline'
import { formatAmount, formatCount } from './format.ts'
import { shellWord, type ViewContext } from './ingest-view.ts'
import { safeText } from './safe-text.ts'
import { renderTable } from './table.ts'

const MAX_FULL = 4

/** What was learned: each contract in full when there are few, one line each when there are many. */
export function renderProfiles(items: readonly DatasetProfile[], directory: string, context: ViewContext): string {
  const { style } = context
  if (items.length === 0) return 'No files yet, so nothing to learn from.'
  const blocks: string[] = []
  if (items.length <= MAX_FULL) blocks.push(...items.map((item) => renderOne(item, directory, context)))
  else blocks.push(renderMany(items, directory, context))
  const leftOut = items.flatMap((item) => item.leftOut.map((file) => ({ dataset: item.dataset, ...file })))
  if (leftOut.length > 0) {
    blocks.push(
      [
        style.bold(`Not learned from (${leftOut.length})`),
        renderTable({
          width: context.width,
          indent: 2,
          paintHeader: (text) => style.dim(text),
          columns: [{ title: 'dataset' }, { title: 'file', cut: 'middle', min: 20 }, { title: 'why' }],
          rows: leftOut.slice(0, 20).map((file) => [file.dataset, file.path, file.why]),
        }),
        ...(leftOut.length > 20 ? [style.dim(`  … and ${leftOut.length - 20} more`)] : []),
      ].join('\n'),
    )
  }
  const written = items.filter((item) => item.action === 'written' || item.action === 'updated')
  const kept = items.filter((item) => item.action === 'kept')
  const next = written.length > 0 || kept.length > 0 ? ['tidegate ingest --dry-run', 'tidegate ingest'] : []
  if (kept.length > 0)
    next.unshift(
      `tidegate profile ${shellWord(kept[0]?.source ?? '')} --update    # to learn an existing contract again`,
    )
  if (items.some((item) => item.action === 'would-write' || item.action === 'would-update'))
    next.push('tidegate profile    # with the same options but --dry-run: writes them')
  if (next.length > 0) blocks.push([style.bold('Next'), ...next.map((line) => `  ${line}`)].join('\n'))
  return blocks.join('\n\n')
}

function renderOne(item: DatasetProfile, directory: string, { style }: ViewContext): string {
  const file = path.relative(directory, item.contractFile)
  const lines = [`${style.heading(safeText(item.dataset))}  ${actionText(item, file)}`]
  if (item.problem !== null) lines.push(style.bad(`  ${safeText(item.problem)}`))
  if (item.action === 'kept' || item.action === 'invalid') return lines.join('\n')
  for (const change of item.changes) {
    const sign = change.kind === 'removed' ? '-' : change.kind === 'added' ? '+' : '~'
    lines.push(`  ${sign} ${safeText(change.message)}${change.breaking ? style.bad(' (breaking)') : ''}`)
  }
  if (item.action === 'same') return lines.join('\n')
  for (const expectation of item.contract?.expectations ?? []) {
    const suggestion = suggestionFor(expectation, item.suggestions)
    if (suggestion === undefined) continue
    lines.push(
      `  ${safeText(formatExpectation(expectation))}  ${style.dim(safeText(formatSuggestionBasis(suggestion)))}`,
    )
  }
  for (const dropped of item.dropped)
    lines.push(
      style.dim(`  not proposed: ${safeText(formatExpectation(dropped.expectation))}: ${safeText(dropped.reason)}`),
    )
  return lines.join('\n')
}

function renderMany(items: readonly DatasetProfile[], directory: string, { style, width }: ViewContext): string {
  return renderTable({
    width,
    paintHeader: (text) => style.dim(text),
    columns: [
      { title: 'dataset' },
      { title: 'result' },
      { title: 'files', align: 'right' },
      { title: 'rows', align: 'right' },
      { title: 'columns', align: 'right' },
      { title: 'checks', align: 'right' },
      { title: 'contract' },
    ],
    rows: items.map((item) => [
      item.dataset,
      item.problem ?? item.action,
      formatCount(item.files),
      formatCount(item.rows),
      formatCount(Object.keys(item.contract?.schema.columns ?? {}).length),
      formatCount(item.contract?.expectations.length ?? 0),
      path.relative(directory, item.contractFile),
    ]),
  })
}

function actionText(item: DatasetProfile, file: string): string {
  const from = `from ${formatAmount(item.files, 'file')}, ${formatCount(item.rows)} rows`
  switch (item.action) {
    case 'written':
      return `wrote ${file} ${from}`
    case 'updated':
      return `updated ${file} ${from}`
    case 'would-write':
      return `would write ${file} ${from}`
    case 'would-update':
      return `would update ${file} ${from}`
    case 'same':
      return `${file} stays as it is: ${from} would change nothing`
    case 'kept':
      return `${file} exists and is kept (--update learns it again)`
    default:
      return `${item.action}: ${file}`
  }
}
