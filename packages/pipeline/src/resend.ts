/**
 * Editions of one file, told by its name: `orders_{date}_v{n}.csv`. `{n}` is the number of the edition; folder and all
 * other placeholders together name what it is an edition of. Pure.
 */
import type { FileRecord, FileVersion, Reason, ResendConfig } from '@tidegate/core'
import { fileName, folderOf } from './dataset-of.ts'
import type { Knowledge } from './knowledge.ts'

export interface Edition {
  /** Equal for all editions of one thing. */
  readonly key: string
  readonly number: bigint
}

/** Reads names of one template; undefined for a name that does not fit it. */
export function editionReader(template: string): (path: string) => Edition | undefined {
  const parts = template.split(/(\{[^{}]*\})/)
  const names = parts.filter((_, index) => index % 2 === 1)
  return (path) => {
    const values = matchName(parts, fileName(path))
    if (values === undefined) return undefined
    const at = names.indexOf('{n}')
    return {
      key: JSON.stringify([folderOf(path), ...values.filter((_, index) => index !== at)]),
      number: BigInt(values[at] ?? '0'),
    }
  }
}

/**
 * Values of the placeholders (odd parts), the first ones as short as can be; undefined where the name does not fit. No
 * pattern of the regular kind: names come from anybody, and one with many ways to fail would take it for ever.
 */
function matchName(parts: readonly string[], name: string): readonly string[] | undefined {
  const failed = new Set<number>()
  const from = (at: number, start: number): readonly string[] | undefined => {
    const literal = parts[at] ?? ''
    if (!name.startsWith(literal, start)) return undefined
    const begin = start + literal.length
    const placeholder = parts[at + 1]
    if (placeholder === undefined) return begin === name.length ? [] : undefined
    const state = at * (name.length + 1) + begin
    if (failed.has(state)) return undefined
    for (let end = begin + 1; end <= name.length; end++) {
      const value = name.slice(begin, end)
      if (placeholder === '{n}' && !/^[0-9]{1,30}$/.test(value)) break
      const rest = from(at + 2, end)
      if (rest !== undefined) return [value, ...rest]
    }
    failed.add(state)
    return undefined
  }
  return from(0, 0)
}

export type ResendDecision =
  /** Rows of the older edition leave with the commit of this one. */
  | { readonly kind: 'replace'; readonly replaces: FileRecord }
  | { readonly kind: 'skip' | 'hold'; readonly reason: Reason }
  /**
   * Another edition goes first, in this run. Whether it is loaded nobody knows yet, so nothing is recorded of this one, and
   * the next run asks again.
   */
  | { readonly kind: 'wait'; readonly reason: Reason }

/** What is to be done with new versions because of their editions, by path; nothing for a first edition. */
export async function decideResends(
  fresh: readonly FileVersion[],
  knowledge: Pick<Knowledge, 'find'>,
  { name, policy }: ResendConfig,
): Promise<ReadonlyMap<string, ResendDecision>> {
  const read = editionReader(name)
  const editions = new Map(fresh.map((version) => [version.path, read(version.path)]))
  const keys = new Set([...editions.values()].flatMap((edition) => edition?.key ?? []))
  if (keys.size === 0) return new Map()
  const known = await knowledge.find((path) => keys.has(read(path)?.key ?? ''))
  const live = liveEditions(known, keys, read)
  const decisions = new Map<string, ResendDecision>()
  const groups = Map.groupBy(fresh, (version) => editions.get(version.path)?.key ?? '')
  for (const [key, versions] of groups) {
    if (key === '') continue
    const sorted = versions
      .flatMap((version) => {
        const edition = editions.get(version.path)
        return edition === undefined ? [] : [{ path: version.path, dataset: version.dataset, number: edition.number }]
      })
      .toSorted((a, b) => (a.number < b.number ? -1 : a.number > b.number ? 1 : a.path < b.path ? -1 : 1))
    for (const [path, decision] of decideGroup(sorted, live.get(key) ?? [], policy)) decisions.set(path, decision)
  }
  return decisions
}

interface Fresh {
  readonly path: string
  readonly dataset: string
  readonly number: bigint
}

interface Live {
  readonly record: FileRecord
  readonly number: bigint
}

function liveEditions(
  known: ReadonlyMap<string, readonly FileRecord[]>,
  keys: ReadonlySet<string>,
  read: (path: string) => Edition | undefined,
): ReadonlyMap<string, readonly Live[]> {
  const live = new Map<string, Live[]>()
  for (const [path, versions] of known) {
    // The rows of a copy are in the target, under another name.
    const copy = versions.at(-1)
    const isCopy = copy?.outcome === 'skipped' && copy.duplicateOf !== null
    const record = versions.findLast((version) => version.live) ?? (isCopy ? copy : undefined)
    if (record === undefined) continue
    const edition = read(path)
    if (edition === undefined || !keys.has(edition.key)) continue
    const editions = live.get(edition.key) ?? []
    live.set(edition.key, editions)
    editions.push({ record, number: edition.number })
  }
  for (const editions of live.values())
    editions.sort((a, b) => (a.number < b.number ? -1 : a.number > b.number ? 1 : 0))
  return live
}

function decideGroup(
  sorted: readonly Fresh[],
  live: readonly Live[],
  policy: ResendConfig['policy'],
): readonly (readonly [string, ResendDecision])[] {
  const decisions: [string, ResendDecision][] = []
  const newest = live.findLast(({ record }) => record.live)
  const highest = live.at(-1)
  // With `replace` the last edition counts, with the others the first one that came.
  const chosen = policy === 'replace' ? sorted.at(-1) : newest === undefined ? sorted[0] : undefined
  for (const file of sorted) {
    // Other bytes under the name of a live edition: `overwrites` decides.
    if (live.some(({ record }) => record.path === file.path)) continue
    const other = newest?.record.path ?? chosen?.path ?? ''
    if (policy !== 'replace') {
      if (file === chosen) continue
      if (newest === undefined) {
        decisions.push([file.path, waitFor(other)])
        continue
      }
      const check = policy === 'ignore' ? 'RESEND_IGNORED' : 'RESEND_HELD'
      const message = `another edition of ${JSON.stringify(other)} (resend: ${policy})`
      decisions.push([
        file.path,
        policy === 'ignore'
          ? { kind: 'skip', reason: { check, severity: 'info', message } }
          : { kind: 'hold', reason: { check, severity: 'critical', message } },
      ])
      continue
    }
    if (highest !== undefined && highest.number >= file.number) {
      const message = `${JSON.stringify(highest.record.path)} is a newer edition of it`
      decisions.push([file.path, { kind: 'skip', reason: { check: 'RESEND_OLDER', severity: 'info', message } }])
    } else if (file !== chosen) {
      decisions.push([file.path, waitFor(chosen?.path ?? '')])
    } else if (newest !== undefined && newest.record.dataset === file.dataset) {
      decisions.push([file.path, { kind: 'replace', replaces: newest.record }])
    }
  }
  return decisions
}

function waitFor(path: string): ResendDecision {
  const message = `${JSON.stringify(path)}, another edition of it, goes first; the next run knows what became of that`
  return { kind: 'wait', reason: { check: 'RESEND_WAITING', severity: 'info', message } }
}
