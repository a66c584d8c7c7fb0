import { assertNever } from '@tidegate/core'
import { flowYaml, scalarYaml } from './flow-yaml.ts'

/**
 * `landing-zone`: files land in a folder, good rows go to Parquet · `gate-only`: verdicts and a manifest of passed files for
 * another loader · `fabric`: the same as a landing zone, over a mounted OneLake.
 */
export type TemplateKind = 'landing-zone' | 'gate-only' | 'fabric'

export interface TemplateSource {
  readonly name: string
  readonly path: string
  readonly format: 'auto' | 'parquet' | 'csv' | 'json' | 'ndjson'
  /** Template, e.g. `{stem}`. @defaultValue '{source}' */
  readonly dataset?: string
}

export interface Templates {
  /** Paths relative to the project's folder. */
  readonly files: readonly { readonly path: string; readonly text: string }[]
}

/** The files of a new project. They load without a problem as they are. Without sources, one example stands there. */
export function configTemplate(kind: TemplateKind, sources: readonly TemplateSource[] = []): Templates {
  const shown = sources.length === 0 ? [EXAMPLES[kind]] : sources
  return {
    files: [
      { path: 'tidegate.yaml', text: configText(kind, shown) },
      { path: '.env.example', text: ENVIRONMENTS[kind] },
      { path: '.gitignore', text: '# What Tidegate keeps for itself, and secrets\n.tidegate/\n.env\n' },
    ],
  }
}

const EXAMPLES: Readonly<Record<TemplateKind, TemplateSource>> = {
  'landing-zone': { name: 'landing', path: '${LANDING:-landing}/**/*.parquet', format: 'parquet' },
  'gate-only': { name: 'landing', path: '${LANDING:-landing}/**/*.parquet', format: 'parquet' },
  fabric: { name: 'landing', path: '${ONELAKE_FILES:-/lakehouse/default/Files}/landing/**', format: 'auto' },
}

const ENVIRONMENTS: Readonly<Record<TemplateKind, string>> = {
  'landing-zone': variablesText([['LANDING', 'landing', 'Folder where files arrive']]),
  'gate-only': variablesText([['LANDING', 'landing', 'Folder where files arrive']]),
  fabric: variablesText([
    ['ONELAKE_FILES', '/lakehouse/default/Files', 'Where the Files area of the lakehouse is mounted'],
  ]),
}

function variablesText(variables: readonly (readonly [string, string, string])[]): string {
  const lines = variables.flatMap(([name, value, what]) => [`# ${what}`, `${name}=${value}`])
  return [
    '# Copy to .env and change. Variables of the environment win over this file.',
    ...lines,
    '# Address of a webhook, see `channels` in tidegate.yaml',
    '# ALERT_WEBHOOK_URL=https://example.com/hook',
    '',
  ].join('\n')
}

const HEADS: Readonly<Record<TemplateKind, readonly string[]>> = {
  'landing-zone': [
    '# Files that land are checked against their contract; good rows go to the lake, the rest to quarantine.',
  ],
  'gate-only': [
    '# A gate in front of another loader: files are checked, bad ones go to quarantine,',
    '# and a manifest of the files that passed is written for the loader. No data is copied to a target.',
  ],
  fabric: [
    '# A landing zone in OneLake, reached as a local path: in a Fabric notebook the default lakehouse is mounted at',
    '# /lakehouse/default; elsewhere mount it (e.g. with blobfuse2) and set ONELAKE_FILES.',
    '# The state database needs a local disk with working locks: keep it off the mount.',
  ],
}

function configText(kind: TemplateKind, sources: readonly TemplateSource[]): string {
  return [
    ...HEADS[kind],
    'version: 1',
    '',
    '# What is known of every file. Back it up; `tidegate state rebuild` restores it from the targets.',
    'state: .tidegate/state.db',
    '',
    'defaults:',
    '  workers: 4',
    '  gate: { threshold: 100 }             # score from 0 to 100 below which a file is held',
    '',
    'sources:',
    ...sources.flatMap((source, index) => sourceLines(kind, source, index === 0)),
    '',
    '# When `tidegate serve` runs a source by itself: one of these lines below it.',
    '#     schedule: { cron: "*/15 * * * *", timezone: Europe/Berlin }',
    '#     schedule: { on_arrival: true, poll: 10s }',
    '',
    '# Who is told. Put the name of a channel into `notify: [ops]` of a source.',
    '# channels:',
    '#   ops: { kind: webhook, url: "${ALERT_WEBHOOK_URL}", on: [gate_failed, run_failed, stale, recovered] }',
    '',
    '# Chosen by --env prod; anything above can be overlaid.',
    '# environments:',
    '#   prod:',
    '#     defaults: { workers: 8 }',
    '',
  ].join('\n')
}

function sourceLines(kind: TemplateKind, source: TemplateSource, explained: boolean): readonly string[] {
  const dataset = source.dataset ?? '{source}'
  const below = dataset === '{source}' ? '{dataset}' : '{source}/{dataset}'
  const line = (text: string, comment: string): string =>
    explained ? `    ${text.padEnd(36)} # ${comment}`.trimEnd() : `    ${text}`
  return [
    `  ${scalarYaml(source.name)}:`,
    line(`path: ${scalarYaml(source.path)}`, 'folder, file or glob with ** * ? [a-z] {a,b}'),
    line(`format: ${source.format}`, 'parquet | csv | json | ndjson | auto'),
    line(`dataset: ${scalarYaml(dataset)}`, '"{stem}": one dataset per file'),
    line(`contract: "contracts/${below}.yaml"`, 'written by `tidegate profile`'),
    line('on_missing_contract: hold', 'hold | profile | admit'),
    line('gate: { on_fail: quarantine }', 'quarantine (file) | split (rows) | warn | fail'),
    line(
      `quarantine: ${flowYaml({ path: quarantinePath(kind, source.name) })}`,
      'held files and rejected rows, with reasons',
    ),
    line(
      `target: ${flowYaml(targetOf(kind, below))}`,
      kind === 'gate-only' ? 'gate only: verdicts and a manifest' : 'Parquet files with a commit log',
    ),
  ]
}

function quarantinePath(kind: TemplateKind, name: string): string {
  return kind === 'fabric' ? `\${ONELAKE_FILES:-/lakehouse/default/Files}/quarantine/${name}` : `quarantine/${name}`
}

function targetOf(kind: TemplateKind, below: string): object {
  switch (kind) {
    case 'landing-zone':
      return { layer: 'raw', kind: 'parquet', path: `lake/raw/${below}` }
    case 'gate-only':
      return { kind: 'none', path: '.tidegate/gate/{source}/{dataset}' }
    case 'fabric':
      return { layer: 'raw', kind: 'parquet', path: `\${ONELAKE_FILES:-/lakehouse/default/Files}/raw/${below}` }
    default:
      return assertNever(kind)
  }
}
