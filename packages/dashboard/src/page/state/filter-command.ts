import type { Filter } from './filter.ts'

/** The terminal's command for what the page shows now. */
export function filterCommand(section: string, filter: Filter): string {
  const since =
    Number.isFinite(filter.sinceMs) && filter.sinceMs > 0
      ? ` --since ${new Date(filter.sinceMs).toISOString().slice(0, 16)}Z`
      : ''
  const sources = (filter.sources ?? []).map((name) => ` --source ${shellWord(name)}`).join('')
  return `tidegate monitor ${section}${since}${sources}`
}

function shellWord(text: string): string {
  return /^[\w./@:+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
