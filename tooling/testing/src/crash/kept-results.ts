import { appendFileSync, existsSync, readFileSync } from 'node:fs'

/** Green results by name in a file, line by line, so that a run that was cut off is continued by the next. */
export interface KeptResults {
  get(name: string): unknown
  keep(name: string, result: unknown): void
}

/** @param file none: nothing is kept */
export function openKeptResults(file: string | undefined): KeptResults {
  const known = new Map<string, unknown>()
  if (file !== undefined && existsSync(file)) {
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      const kept = parse(line)
      if (kept !== undefined) known.set(kept.name, kept.result)
    }
  }
  return {
    get: (name) => known.get(name),
    keep(name, result) {
      if (file !== undefined) appendFileSync(file, `${JSON.stringify({ name, result })}\n`)
    },
  }
}

/** The last line may be cut off. */
function parse(line: string): { readonly name: string; readonly result: unknown } | undefined {
  try {
    const { name, result } = JSON.parse(line) as { name?: unknown; result?: unknown }
    return typeof name === 'string' && result !== undefined ? { name, result } : undefined
  } catch {
    return undefined
  }
}
