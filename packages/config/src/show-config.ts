import path from 'node:path'
import { assertNever, toJson, type JsonValue } from '@tidegate/core'
import { writtenCleaning } from './build-arrival.ts'
import { dependentDefaults } from './build-config.ts'
import { writtenTargets, type WrittenTarget } from './build-targets.ts'
import type { ConfigFile, SourceFileEntry } from './config-schema.ts'
import { defaultOverwrites } from './disposition.ts'
import { isSecretKey, pathText, treeAt, type Tree, type ValueOrigin } from './tree.ts'
import { isSecretName } from './variables.ts'

/** A value in force and where it comes from. */
export interface Origin {
  /** E.g. `sources.flights.gate.threshold`. */
  readonly key: string
  /** As the file would say it: durations and paths as written. */
  readonly value: JsonValue
  readonly origin: ValueOrigin
  /** Must not be shown: an address of a channel, a secret variable, a URL with credentials or a query. */
  readonly secret: boolean
}

export interface ShownValue {
  readonly key: string
  readonly value: JsonValue
  /** `default`, `tidegate.yaml:12`, `environment prod`, `--set` or `variable NAME`. */
  readonly origin: string
}

/** Every value in force with where it comes from, in the order of the format. With `redact`, secrets are `***`. */
export function showConfig(
  result: { readonly origins: readonly Origin[] },
  { redact }: { readonly redact: boolean },
): readonly ShownValue[] {
  return result.origins.map(({ key, value, origin, secret }) => ({
    key,
    value: redact && secret ? '***' : value,
    origin: originText(origin),
  }))
}

export function collectOrigins(file: ConfigFile, tree: Tree): readonly Origin[] {
  const sources = Object.entries(file.sources).map(([name, entry]) => {
    const defaults = dependentDefaults(name, entry)
    const targets = writtenTargets(name, entry)
    return [
      name,
      {
        ...entry,
        contract: entry.contract ?? defaults.contract,
        quarantine: { ...entry.quarantine, path: entry.quarantine.path ?? defaults.quarantine },
        overwrites: entry.overwrites ?? defaultOverwrites(targets.map((target) => target.entry.kind)),
        clean_source: entry.clean_source === 'off' ? entry.clean_source : writtenCleaning(name, entry.clean_source),
        ...targetKeys(entry, targets),
      },
    ] as const
  })
  const gate = { threshold: 100, on_fail: 'quarantine', ...file.defaults.gate }
  const filled = { ...file, defaults: { ...file.defaults, gate }, sources: new Map(sources) }
  return leaves([], filled).map(({ keys, value }) => {
    const node = treeAt(tree, keys)
    const origin = node === undefined ? { kind: 'default' as const } : nodeOrigin(node)
    return { key: pathText(keys), value: toJson(value), origin, secret: isSecret(keys, value, origin) }
  })
}

function targetKeys(entry: SourceFileEntry, targets: readonly WrittenTarget[]): object {
  const filled = targets.map((target) => {
    const { layer, kind, ...rest } = target.entry
    return [target.name, { layer, kind, ...rest, path: target.path, table: target.table }] as const
  })
  return entry.target !== undefined || entry.targets === undefined
    ? { target: filled[0]?.[1] }
    : { targets: new Map(filled) }
}

interface Leaf {
  readonly keys: readonly string[]
  readonly value: unknown
}

function leaves(keys: readonly string[], value: unknown): readonly Leaf[] {
  if (value === undefined) return []
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [{ keys, value }]
  const entries: Iterable<readonly [string, unknown]> = value instanceof Map ? value : Object.entries(value)
  return [...entries].flatMap(([key, item]) => leaves([...keys, key], item))
}

function nodeOrigin(node: Tree): ValueOrigin {
  if (node.kind !== 'list') return node.origin
  return node.items.find((item) => item.origin.kind === 'variable')?.origin ?? node.origin
}

function isSecret(keys: readonly string[], value: unknown, origin: ValueOrigin): boolean {
  if (isSecretKey(keys)) return true
  if (origin.kind === 'variable' && origin.names.some(isSecretName)) return true
  const texts = Array.isArray(value) ? value : [value]
  return texts.some((text) => typeof text === 'string' && CREDENTIALS.test(text))
}

/** A user or options in a URL. In a password of a database there may be anything. */
const CREDENTIALS = /^(?:postgres(?:ql)?:\/\/.*[@?]|[a-z][a-z0-9+.-]*:\/\/(?:[^/?#]*@|[^?#]*\?))/i

function originText(origin: ValueOrigin): string {
  switch (origin.kind) {
    case 'default':
      return 'default'
    case 'file':
      return `${path.basename(origin.file)}:${origin.line}`
    case 'environment':
      return `environment ${origin.name}`
    case 'set':
      return '--set'
    case 'variable':
      return `variable ${origin.names.join(', ')}`
    default:
      return assertNever(origin)
  }
}
