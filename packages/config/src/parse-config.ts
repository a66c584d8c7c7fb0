import path from 'node:path'
import type { Config } from '@tidegate/core'
import { applySet } from './apply-set.ts'
import { buildConfig } from './build-config.ts'
import { checkChannels } from './check-channels.ts'
import { checkOtherEnvironments } from './check-other-environments.ts'
import { checkPlaces } from './check-places.ts'
import { checkShape } from './check-shape.ts'
import { checkVersion } from './check-version.ts'
import { configSchema } from './config-schema.ts'
import { chooseEnvironment } from './environments.ts'
import { configKeySchema } from './json-schema.ts'
import { findNotYet } from './not-yet.ts'
import { parseYaml } from './parse-yaml.ts'
import { problemAt, sortProblems, type Place, type Problem } from './problem.ts'
import { collectOrigins, type Origin } from './show-config.ts'
import type { IsFolder } from './source-location.ts'
import { keyPlace, toPlain, treeAt, type MapEntry, type MapTree, type Tree, type TreePath } from './tree.ts'
import { resolveVariables } from './variables.ts'

export type ConfigResult =
  | {
      readonly kind: 'ok'
      readonly config: Config
      /** Every value in force with where it comes from, for {@link showConfig}. */
      readonly origins: readonly Origin[]
      readonly warnings: readonly Problem[]
    }
  /** At least one is an error; warnings are among them. Sorted by place. */
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] }
  | { readonly kind: 'missing'; readonly file: string }

export interface ParseConfigOptions {
  /** What problems call the file. @defaultValue 'tidegate.yaml' */
  readonly file?: string
  /** Folder that relative paths are resolved against. */
  readonly directory: string
  /** Name of the overlay under `environments:`. */
  readonly environment?: string | undefined
  /** `key.key=value`, applied last. */
  readonly set?: readonly string[]
  /** Values of `${VAR}`. @defaultValue none */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Whether a source's plain path is a folder. @defaultValue decided by its extension */
  readonly isFolder?: IsFolder
}

/** The text of `tidegate.yaml` → configuration, or everything that is wrong with it. Reads nothing from disk. */
export function parseConfig(text: string, options: ParseConfigOptions): Exclude<ConfigResult, { kind: 'missing' }> {
  const file = options.file ?? 'tidegate.yaml'
  const yaml = parseYaml(text, file)
  const problems: Problem[] = [...yaml.problems]
  const start: Place = { source: yaml.source, line: 1, column: 1, endColumn: 2 }
  if (yaml.tree?.kind !== 'map') {
    if (!problems.some((problem) => problem.severity === 'error')) problems.push(notAMap(yaml.tree, start))
    return { kind: 'problems', problems: sortProblems(problems) }
  }

  const { tree, unresolved } = overlay(yaml.tree, options, problems)
  problems.push(...checkVersion(tree), ...checkOtherEnvironments(yaml.tree, options.environment))
  const notYet = findNotYet(tree)
  problems.push(...notYet.problems)

  const plain = toPlain(fillEmptyEntries(tree), { dropNulls: true, mangleProto: true }) as Record<string, unknown>
  // Its own check has spoken; the rest of the file is worth reading whatever the version is.
  plain['version'] = 1
  const shape = checkShape(tree, {
    schema: configSchema,
    jsonSchema: configKeySchema,
    plain,
    skip: [...notYet.paths, ...unresolved],
  })
  problems.push(...shape.problems, ...checkSources(tree))
  if (shape.value === undefined) return { kind: 'problems', problems: sortProblems(problems) }

  const directory = path.resolve(options.directory)
  const built = buildConfig(shape.value, {
    tree,
    directory,
    file: path.resolve(directory, path.basename(file)),
    environment: options.environment,
    isFolder: options.isFolder,
  })
  problems.push(...built.problems, ...checkChannels(tree, built.config), ...checkPlaces(built.config, tree))

  const sorted = sortProblems(problems)
  return sorted.some((problem) => problem.severity === 'error')
    ? { kind: 'problems', problems: sorted }
    : { kind: 'ok', config: built.config, origins: collectOrigins(shape.value, tree), warnings: sorted }
}

function notAMap(tree: Tree | undefined, start: Place): Problem {
  return tree === undefined || (tree.kind === 'scalar' && tree.value === null)
    ? problemAt(start, 'CONFIG_MISSING_KEY', 'the file is empty', {
        hint: 'Start with `tidegate init`, or write `version: 1` and `sources:`.',
      })
    : problemAt(
        tree.place,
        'CONFIG_TYPE',
        `the file must be a map of keys, not a ${tree.kind === 'list' ? 'list' : 'single value'}`,
        {
          hint: 'It starts with `version: 1`.',
        },
      )
}

/** Environment, then `--set`, then variables: an overlay may use variables, and `--set` has the last word. */
function overlay(
  root: Tree,
  options: ParseConfigOptions,
  problems: Problem[],
): { readonly tree: Tree; readonly unresolved: readonly TreePath[] } {
  const chosen = chooseEnvironment(root, options.environment)
  const overridden = applySet(chosen.tree, options.set ?? [])
  const variables = options.env ?? {}
  const resolved = resolveVariables(overridden.tree, (name) =>
    Object.hasOwn(variables, name) ? variables[name] : undefined,
  )
  problems.push(...chosen.problems, ...overridden.problems, ...resolved.problems)
  return resolved
}

/** `flights:` with nothing after it is a source without keys, not no source. */
function fillEmptyEntries(tree: Tree): Tree {
  if (tree.kind !== 'map') return tree
  const entries = new Map(tree.entries)
  for (const section of ['sources', 'channels']) {
    const entry = entries.get(section)
    if (entry?.value.kind !== 'map') continue
    entries.set(section, { key: entry.key, value: fillEmpty(entry.value) })
  }
  return { ...tree, entries }
}

/** Each entry of a map of names: nothing after it is a map without keys. The targets of a source have names as well. */
function fillEmpty(map: MapTree): MapTree {
  const filled = [...map.entries].map(([name, { key, value }]): [string, MapEntry] => {
    if (value.kind === 'scalar' && value.value === null) return [name, { key, value: emptyMap(value) }]
    const targets = value.kind === 'map' ? value.entries.get('targets') : undefined
    if (value.kind !== 'map' || targets?.value.kind !== 'map') return [name, { key, value }]
    const entries = new Map(value.entries).set('targets', { key: targets.key, value: fillEmpty(targets.value) })
    return [name, { key, value: { ...value, entries } }]
  })
  return { ...map, entries: new Map(filled) }
}

function emptyMap({ place, origin }: Tree): MapTree {
  return { kind: 'map', entries: new Map(), place, origin }
}

function checkSources(tree: Tree): readonly Problem[] {
  const sources = treeAt(tree, ['sources'])
  if (sources === undefined) {
    return [
      problemAt(keyPlace(tree, []), 'CONFIG_MISSING_KEY', '`sources` is missing', {
        hint: 'Add `sources:` with at least one source.',
      }),
    ]
  }
  const empty =
    sources.kind === 'map' ? sources.entries.size === 0 : sources.kind === 'scalar' && sources.value === null
  return empty
    ? [
        problemAt(keyPlace(tree, ['sources']), 'CONFIG_VALUE', 'there are no sources: nothing will be ingested', {
          severity: 'warning',
        }),
      ]
    : []
}
