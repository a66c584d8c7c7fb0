import type { SchemaVersionFact } from '@tidegate/core'
import type { SchemaChange } from '@tidegate/notify'

/** How the newest schema of each dataset differs from the one before, where it came since then. A first schema is no change. */
export function schemaChangesSince(versions: readonly SchemaVersionFact[], sinceMs: number): readonly SchemaChange[] {
  const changes = new Map<string, SchemaChange>()
  // Of a file that the gate held before anybody looked at its columns there are none.
  const known = versions.filter(({ columns }) => columns.length > 0)
  for (const own of Map.groupBy(known, ({ location, dataset }) => JSON.stringify([location, dataset])).values()) {
    const ordered = own.toSorted((a, b) => a.firstSeenMs - b.firstSeenMs || a.seq - b.seq)
    const after = ordered.at(-1)
    const before = ordered.findLast(({ firstSeenMs }) => firstSeenMs < sinceMs)
    if (after === undefined || before === undefined || after.firstSeenMs < sinceMs) continue
    const change = compare(before, after)
    if (change.added.length + change.removed.length + change.changed.length > 0) changes.set(after.dataset, change)
  }
  return [...changes.values()]
}

function compare(before: SchemaVersionFact, after: SchemaVersionFact): SchemaChange {
  const old = new Map(before.columns.map(({ name, type }) => [name, type]))
  const now = new Map(after.columns.map(({ name, type }) => [name, type]))
  return {
    dataset: after.dataset,
    added: [...now.keys()].filter((name) => !old.has(name)),
    removed: [...old.keys()].filter((name) => !now.has(name)),
    changed: [...now].flatMap(([name, type]) => (old.has(name) && old.get(name) !== type ? [name] : [])),
  }
}
