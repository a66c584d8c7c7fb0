/** The file's spelling → core's `Config`: paths absolute, texts interpreted, defaults that depend on other keys filled in. */
import path from 'node:path'
import type { ChannelConfig, Config, ReadOptions, SourceConfig } from '@tidegate/core'
import { EVENTS, type ConfigFile, type SourceFileEntry } from './config-schema.ts'
import { problemAt, type Problem } from './problem.ts'
import { splitSourcePath, toLocalPath, type IsFolder } from './source-location.ts'
import { suggest } from './suggest.ts'
import { keyPlace, treeAt, valuePlace, variableWords, type Tree } from './tree.ts'
import { parseDuration, parseSize } from './units.ts'

export interface BuildContext {
  readonly tree: Tree
  /** Absolute. */
  readonly file: string
  readonly directory: string
  readonly environment: string | undefined
  readonly isFolder: IsFolder | undefined
}

export interface BuiltConfig {
  readonly config: Config
  readonly problems: readonly Problem[]
}

export function buildConfig(file: ConfigFile, context: BuildContext): BuiltConfig {
  const problems: Problem[] = []
  const sources = Object.entries(file.sources).flatMap(([name, entry]) => {
    const source = buildSource(name, entry, file, context, problems)
    return source === undefined ? [] : [source]
  })
  const channels = Object.entries(file.channels).map(([name, entry]): ChannelConfig => {
    checkEvents(name, entry.on, context.tree, problems)
    return { name, kind: entry.kind, url: entry.url, on: entry.on }
  })
  const memory = file.limits.memory
  return {
    config: {
      version: 1,
      directory: context.directory,
      file: context.file,
      state: toAbsolute(file.state, ['state'], context, problems),
      repaired: toAbsolute(file.repaired, ['repaired'], context, problems),
      environment: context.environment,
      workers: file.defaults.workers,
      limits: {
        memoryBytes: memory === undefined ? undefined : parseSize(String(memory)),
        tempDirectory: toAbsolute(file.limits.temp, ['limits', 'temp'], context, problems),
      },
      sources,
      channels,
    },
    problems,
  }
}

/**
 * Defaults of a source that depend on its name or on what it says elsewhere, in the file's spelling.
 *
 * Where file names decide the dataset, contracts and targets lie below the source's name: a file `weather.csv` of one
 * source must not end up in the table of another source that is called weather.
 */
export function dependentDefaults(
  name: string,
  entry: SourceFileEntry,
): { readonly quarantine: string; readonly target: string; readonly contract: string } {
  const dataset = entry.dataset === '{source}' ? '{dataset}' : '{source}/{dataset}'
  return {
    quarantine: `quarantine/${name}`,
    target: entry.target.kind === 'none' ? '.tidegate/gate/{source}/{dataset}' : `lake/raw/${dataset}`,
    contract: `contracts/${dataset}.yaml`,
  }
}

function buildSource(
  name: string,
  entry: SourceFileEntry,
  file: ConfigFile,
  context: BuildContext,
  problems: Problem[],
): SourceConfig | undefined {
  const at = (...keys: readonly string[]): readonly string[] => ['sources', name, ...keys]
  const { tree } = context
  const location = splitSourcePath(entry.path, context.directory, entry.format, context.isFolder)
  if (location.kind === 'wrong') {
    problems.push(
      problemAt(
        valuePlace(tree, at('path')),
        'CONFIG_VALUE',
        `the path of source ${name} ${location.message}`,
        location,
      ),
    )
  }

  const defaults = dependentDefaults(name, entry)
  const target = entry.target.path ?? defaults.target
  const quarantine = entry.quarantine.path ?? defaults.quarantine
  const contract = entry.contract ?? defaults.contract
  const templates = [
    [at('dataset'), entry.dataset, ['source', 'stem', 'parent']],
    [at('contract'), contract, ['dataset', 'source']],
    [at('target', 'path'), target, ['dataset', 'source']],
    [at('quarantine', 'path'), quarantine, ['source']],
  ] as const
  for (const [key, text, known] of templates) problems.push(...checkTemplate(tree, key, text, known))
  if (/\{(stem|parent)\}/.test(entry.dataset) && !target.includes('{dataset}')) {
    const message = `the target of source ${name} must contain {dataset}: its datasets would share one commit log`
    problems.push(
      problemAt(valuePlace(tree, at('target', 'path')), 'CONFIG_VALUE', message, {
        hint:
          variableWords(tree, at('target', 'path')) === undefined
            ? `Write ${target.replace(/\/+$/, '')}/{dataset}, or make the dataset "{source}".`
            : 'End the path in /{dataset}, or make the dataset "{source}".',
      }),
    )
  }
  if (location.kind === 'wrong') return undefined

  const written = tree.kind === 'map' ? keyPlace(tree, at()) : tree.place
  return {
    name,
    path: entry.path,
    root: location.root,
    pattern: location.pattern,
    format: entry.format,
    options: compact<ReadOptions>({ ...entry.options, timezone: entry.timezone }),
    dataset: entry.dataset,
    contract: toAbsolute(contract, at('contract'), context, problems),
    onMissingContract: entry.on_missing_contract,
    watermark:
      entry.watermark === undefined
        ? undefined
        : {
            column: entry.watermark.column,
            type: entry.watermark.type,
            lagMs: parseDuration(entry.watermark.lag) ?? 0,
          },
    ready: { settleMs: parseDuration(entry.ready.settle) ?? 0 },
    duplicates: entry.duplicates,
    overwrites: entry.overwrites,
    schemaEvolution: entry.schema_evolution,
    repair: entry.repair,
    verify: entry.verify,
    gate: { source: entry.gate, defaults: { threshold: 100, on_fail: 'quarantine', ...compact(file.defaults.gate) } },
    quarantine: {
      path: toAbsolute(quarantine.replaceAll('{source}', name), at('quarantine', 'path'), context, problems),
      original: entry.quarantine.original,
    },
    target: {
      kind: entry.target.kind,
      layer: entry.target.layer,
      path: toAbsolute(target, at('target', 'path'), context, problems),
      mode: entry.target.mode,
    },
    expect:
      entry.expect === undefined
        ? undefined
        : { files: entry.expect.files, by: entry.expect.by, every: entry.expect.every },
    schedule:
      entry.schedule === undefined
        ? undefined
        : { cron: entry.schedule.cron.trim(), timezone: entry.schedule.timezone },
    notify: entry.notify,
    position: { line: written.line, column: written.column },
  }
}

function compact<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T
}

function toAbsolute(text: string, key: readonly string[], context: BuildContext, problems: Problem[]): string {
  const local = toLocalPath(text)
  if (local !== undefined) return path.resolve(context.directory, local)
  problems.push(
    problemAt(valuePlace(context.tree, key), 'CONFIG_VALUE', `\`${key.join('.')}\` is not a local path`, {
      hint: 'Use a path on this machine, relative to the configuration file or absolute.',
    }),
  )
  return context.directory
}

function checkTemplate(tree: Tree, key: readonly string[], text: string, known: readonly string[]): readonly Problem[] {
  const place = valuePlace(tree, key)
  const list = known.map((name) => `{${name}}`).join(', ')
  const problems: Problem[] = []
  for (const [, name = ''] of text.matchAll(/\{([^{}]*)\}/g)) {
    if (known.includes(name)) continue
    const near = suggest(name, known)
    const variable = variableWords(tree, key)
    const shown = variable === undefined ? `{${name.slice(0, 60)}}` : `in ${variable}`
    problems.push(
      problemAt(place, 'CONFIG_TEMPLATE', `\`${key.join('.')}\` does not know the placeholder ${shown}`, {
        hint: near === undefined ? `Known: ${list}.` : `Did you mean {${near}}? Known: ${list}.`,
      }),
    )
  }
  if (/[{}]/.test(text.replaceAll(/\{[^{}]*\}/g, ''))) {
    problems.push(
      problemAt(place, 'CONFIG_TEMPLATE', `\`${key.join('.')}\` has a brace without its pair`, {
        hint: `Known: ${list}.`,
      }),
    )
  }
  return problems
}

function checkEvents(channel: string, events: readonly string[], tree: Tree, problems: Problem[]): void {
  const list = treeAt(tree, ['channels', channel, 'on'])
  for (const [index, event] of events.entries()) {
    if (EVENTS.includes(event) || list?.kind !== 'list') continue
    const near = suggest(event, EVENTS)
    const shown = variableWords(tree, ['channels', channel, 'on', index]) ?? JSON.stringify(event.slice(0, 60))
    problems.push(
      problemAt(
        valuePlace(tree, ['channels', channel, 'on', index]),
        'CONFIG_VALUE',
        `no event is called ${shown}; channel ${channel} will never be told of it`,
        {
          severity: 'warning',
          hint: near === undefined ? `Events: ${EVENTS.join(', ')}.` : `Did you mean \`${near}\`?`,
        },
      ),
    )
  }
}
