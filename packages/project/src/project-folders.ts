import path from 'node:path'
import type { Config, TargetConfig } from '@tidegate/core'

/** Where rows on their way into databases are staged. */
export function stagingFolder(config: Pick<Config, 'directory'>): string {
  return path.join(config.directory, '.tidegate', 'staging')
}

/** Folders the engine may touch: the sources to read, targets, quarantine and temp to write. Nothing else (security). */
export function engineFolders(config: Config): readonly string[] {
  const folders = new Set<string>([config.limits.tempDirectory, config.repaired, stagingFolder(config)])
  for (const source of config.sources) {
    folders.add(source.root)
    for (const target of source.targets) {
      const folder = targetFolder(target)
      if (folder !== undefined) folders.add(folder)
    }
    folders.add(source.quarantine.path)
  }
  return [...folders]
}

/** Folders (and database files) of ours, which no source may list. */
export function ownFolders(config: Config): readonly string[] {
  const folders = new Set<string>([
    config.limits.tempDirectory,
    config.repaired,
    path.join(config.directory, '.tidegate'),
  ])
  // A connection string is no file.
  if (!/^postgres(ql)?:/.test(config.state)) folders.add(path.dirname(config.state))
  for (const source of config.sources) {
    for (const target of source.targets) {
      const own = target.kind === 'duckdb' ? target.path : targetFolder(target)
      // Databases of a template have no folder of their own; nobody's pattern takes them for data.
      if (own !== undefined && !(target.kind === 'duckdb' && own.includes('{'))) folders.add(own)
    }
    folders.add(source.quarantine.path)
    if (source.cleanSource.to !== undefined) folders.add(source.cleanSource.to)
  }
  // A state or a database file in the project's own folder must not exclude the project.
  folders.delete(config.directory)
  return [...folders]
}

/** The folder in which a target lies; undefined where it is on another machine. */
export function targetFolder({ kind, path: template }: TargetConfig): string | undefined {
  switch (kind) {
    case 'parquet':
    case 'delta':
    case 'none':
      return fixedPart(template)
    case 'duckdb':
      // A template of files: `lake/{dataset}.duckdb`, `lake/all.duckdb`.
      return template.includes('{') ? fixedPart(template) : path.dirname(template)
    case 'postgres':
      return undefined
  }
}

/** The folders of a path template above its first placeholder. */
export function fixedPart(template: string): string {
  const brace = template.indexOf('{')
  return brace < 0 ? template : path.dirname(`${template.slice(0, brace)}x`)
}
