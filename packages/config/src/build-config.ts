/** The file's spelling → core's `Config`: paths absolute, texts interpreted, defaults that depend on other keys filled in. */
import type { ChannelConfig, Config, GateSettings, ReadOptions, SchemaEvolution, SourceConfig } from '@tidegate/core'
import type { EvolutionFileEntry, EvolutionWord } from './arrival-schema.ts'
import { buildArrival } from './build-arrival.ts'
import { buildTargets } from './build-targets.ts'
import { buildChannel } from './build-channel.ts'
import { buildDaemon } from './build-daemon.ts'
import { buildSchedule } from './build-schedule.ts'
import type { ConfigFile, SourceFileEntry } from './config-schema.ts'
import { checkTemplate, toAbsolute, type BuildContext } from './paths-and-templates.ts'
import { problemAt, type Problem } from './problem.ts'
import { splitSourcePath } from './source-location.ts'
import { isPostgresUrl } from './target-schema.ts'
import { keyPlace, valuePlace } from './tree.ts'
import { parseDuration, parseSize } from './units.ts'

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
  const channels = Object.entries(file.channels).flatMap(([name, entry]): readonly ChannelConfig[] => {
    const channel = buildChannel(name, entry, context, problems)
    return channel === undefined ? [] : [channel]
  })
  const memory = file.limits.memory
  return {
    config: {
      version: 1,
      directory: context.directory,
      file: context.file,
      state: isPostgresUrl(file.state) ? file.state : toAbsolute(file.state, ['state'], context, problems),
      repaired: toAbsolute(file.repaired, ['repaired'], context, problems),
      environment: context.environment,
      workers: file.defaults.workers,
      retention: {
        historyMs: parseDuration(file.retention.history) ?? 0,
        quarantineMs: parseDuration(file.retention.quarantine) ?? 0,
        retiredMs: parseDuration(file.retention.retired) ?? 0,
        repairedMs: parseDuration(file.retention.repaired) ?? 0,
      },
      limits: {
        memoryBytes: memory === undefined ? undefined : parseSize(String(memory)),
        tempDirectory: toAbsolute(file.limits.temp, ['limits', 'temp'], context, problems),
      },
      sources,
      channels,
      gateDefaults: gateDefaultsOf(file),
      ...buildDaemon(file, sources, context, problems),
    },
    problems,
  }
}

/**
 * Defaults of a source that depend on its name or on what it says elsewhere, in the file's spelling.
 *
 * Where file names decide the dataset, contracts lie below the source's name: a file `weather.csv` of one source must not
 * be judged by the contract of another source that is called weather.
 */
export function dependentDefaults(
  name: string,
  entry: SourceFileEntry,
): { readonly quarantine: string; readonly contract: string } {
  return {
    quarantine: `quarantine/${name}`,
    contract: `contracts/${entry.dataset === '{source}' ? '{dataset}' : '{source}/{dataset}'}.yaml`,
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
  const quarantine = entry.quarantine.path ?? defaults.quarantine
  const contract = entry.contract ?? defaults.contract
  const templates = [
    [at('dataset'), entry.dataset, ['source', 'stem', 'parent']],
    [at('contract'), contract, ['dataset', 'source']],
    [at('quarantine', 'path'), quarantine, ['source']],
  ] as const
  for (const [key, text, known] of templates) problems.push(...checkTemplate(tree, key, text, known))
  const { targets, overwrites } = buildTargets(name, entry, context, problems)
  const arrival = buildArrival(name, entry, context, problems)
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
            filter: entry.watermark.filter,
          },
    ...arrival,
    duplicates: entry.duplicates,
    overwrites,
    schemaEvolution: evolutionOf(entry.schema_evolution),
    schemaHints: entry.schema_hints,
    repair: entry.repair,
    verify: entry.verify,
    gate: { source: entry.gate, defaults: gateDefaultsOf(file) },
    quarantine: {
      path: toAbsolute(quarantine.replaceAll('{source}', name), at('quarantine', 'path'), context, problems),
      original: entry.quarantine.original,
    },
    target: targets[0],
    targets,
    expect:
      entry.expect === undefined
        ? undefined
        : { files: entry.expect.files, by: entry.expect.by, every: entry.expect.every },
    schedule: entry.schedule === undefined ? undefined : buildSchedule(entry.schedule, at('schedule'), tree, problems),
    origin: 'file',
    notify: entry.notify,
    position: { line: written.line, column: written.column },
  }
}

function gateDefaultsOf(file: ConfigFile): GateSettings {
  return { threshold: 100, on_fail: 'quarantine', ...compact(file.defaults.gate) }
}

function evolutionOf(entry: EvolutionFileEntry): SchemaEvolution {
  return typeof entry === 'string'
    ? { ...EVOLUTION[entry], rescueColumn: '_rescued' }
    : { columns: entry.columns, types: entry.types, rescueColumn: entry.rescue_column }
}

const EVOLUTION: Readonly<Record<EvolutionWord, Omit<SchemaEvolution, 'rescueColumn'>>> = {
  add_columns: { columns: 'add', types: 'widen' },
  widen: { columns: 'fail', types: 'widen' },
  rescue: { columns: 'rescue', types: 'rescue' },
  fail: { columns: 'fail', types: 'fail' },
  ignore: { columns: 'ignore', types: 'widen' },
}

function compact<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T
}
