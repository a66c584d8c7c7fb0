/**
 * A source that was made by API: checked by the rules of the file, and kept inside of the folders that the operator named.
 *
 * The entry is written down as JSON and read like a file, so there is one set of rules. Variables are not expanded: who may
 * write an ingestion must not learn what stands in the daemon's environment.
 */
import { stringifyJson, type Config, type JsonValue, type SourceConfig } from '@tidegate/core'
import { buildConfig } from './build-config.ts'
import { checkChannelNames } from './check-channels.ts'
import { checkPlaces } from './check-places.ts'
import { checkShape } from './check-shape.ts'
import { configSchema, isName, type ConfigFile } from './config-schema.ts'
import { configKeySchema } from './json-schema.ts'
import { isFolder } from './load-config.ts'
import { findNotYet } from './not-yet.ts'
import { parseYaml } from './parse-yaml.ts'
import { problemAt, sortProblems, type Place, type Problem } from './problem.ts'
import { checkSandbox, openSandbox, type Sandbox } from './sandbox.ts'
import { toPlain, valuePlace, type Tree, type TreePath } from './tree.ts'

export type IngestionEntry = Readonly<Record<string, JsonValue>>

export type IngestionResult =
  | { readonly kind: 'ok'; readonly source: SourceConfig; readonly warnings: readonly Problem[] }
  /** At least one is an error. Lines count in the entry as JSON under `sources`. */
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] }

/**
 * @param entry what would stand under `sources.<name>` in `tidegate.yaml`
 * @param base the configuration it is added to, with the other ingestions; one of this name that was made by API is replaced
 */
export function buildIngestion(name: string, entry: IngestionEntry, base: Config): IngestionResult {
  const read = readIngestion(name, entry, base, openSandbox(base))
  if (read.source === undefined) return { kind: 'problems', problems: sortProblems(read.problems) }
  const others = base.sources.filter((other) => other.name !== name)
  const around = newPlaceProblems({ ...base, sources: others }, [read.source], read.tree)
  const sorted = sortProblems([...read.problems, ...around])
  return sorted.some(({ severity }) => severity === 'error')
    ? { kind: 'problems', problems: sorted }
    : { kind: 'ok', source: read.source, warnings: sorted }
}

export type ReadIngestion =
  | { readonly source: SourceConfig; readonly tree: Tree; readonly problems: readonly Problem[] }
  | { readonly source: undefined; readonly problems: readonly Problem[] }

/** All but how it gets on with the other sources. */
export function readIngestion(name: string, entry: IngestionEntry, base: Config, sandbox: Sandbox): ReadIngestion {
  const file = `ingestion ${name.slice(0, 100)}`
  const yaml = parseYaml(stringifyJson({ version: 1, sources: { [name]: entry } }, 2), file)
  const { tree } = yaml
  const problems: Problem[] = [...yaml.problems, ...checkName(name, base, { source: yaml.source, line: 1, column: 1, endColumn: 2 })] // prettier-ignore
  if (tree === undefined || problems.length > 0) return { source: undefined, problems }

  const unexpanded = variablesIn(tree, [])
  const notYet = findNotYet(tree)
  const shape = checkShape<ConfigFile>(tree, {
    schema: configSchema,
    jsonSchema: configKeySchema,
    plain: toPlain(tree, { dropNulls: true, mangleProto: true }),
    skip: [...notYet.paths, ...unexpanded],
  })
  problems.push(...unexpanded.map((path) => variableProblem(tree, path)), ...notYet.problems, ...shape.problems)
  if (shape.value === undefined) return { source: undefined, problems }

  const defaults = { ...shape.value.defaults, gate: base.gateDefaults ?? shape.value.defaults.gate }
  const context = { tree, directory: base.directory, file: base.file, environment: base.environment, isFolder }
  const built = buildConfig({ ...shape.value, defaults }, context)
  problems.push(...built.problems)
  const [found] = built.config.sources
  if (found === undefined) return { source: undefined, problems }
  const source: SourceConfig = { ...found, origin: 'api' }
  const channels = base.channels.map((channel) => channel.name)
  problems.push(...checkChannelNames(tree, [source], channels), ...checkSandbox(source, sandbox, tree))
  return { source, tree, problems }
}

function checkName(name: string, base: Config, place: Place): readonly Problem[] {
  if (!isName(name)) {
    return [
      problemAt(place, 'INGESTION_NAME', 'this is no name of an ingestion', {
        hint: 'It starts with a letter or a digit and goes on with letters, digits, `_`, `-` and single `.`.',
      }),
    ]
  }
  if (base.sources.every((source) => source.name !== name || source.origin === 'api')) return []
  return [
    problemAt(place, 'INGESTION_NAME', `${name} stands in the configuration file, and is changed there only`, {
      hint: 'Choose another name.',
    }),
  ]
}

/** What is wrong between new sources and the others; what the others have among themselves is not their business. */
export function newPlaceProblems(base: Config, added: readonly SourceConfig[], tree: Tree): readonly Problem[] {
  const before = new Set(checkPlaces(base, tree).map(({ code, message }) => `${code} ${message}`))
  return checkPlaces({ ...base, sources: [...base.sources, ...added] }, tree).filter(
    ({ code, message }) => !before.has(`${code} ${message}`),
  )
}

function variablesIn(tree: Tree, path: TreePath): readonly TreePath[] {
  if (tree.kind === 'scalar') return typeof tree.value === 'string' && tree.value.includes('${') ? [path] : []
  if (tree.kind === 'list') return tree.items.flatMap((item, index) => variablesIn(item, [...path, index]))
  return [...tree.entries].flatMap(([key, { value }]) => variablesIn(value, [...path, key]))
}

function variableProblem(tree: Tree, path: TreePath): Problem {
  return problemAt(valuePlace(tree, path), 'INGESTION_VARIABLE', `\`${path.join('.')}\` names a variable`, {
    hint: 'Variables of the environment are read in the configuration file only. Write the value.',
  })
}
