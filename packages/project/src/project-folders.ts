import path from 'node:path'
import type { Config } from '@tidegate/core'

/** Folders the engine may touch: the sources to read, targets, quarantine and temp to write. Nothing else (security). */
export function engineFolders(config: Config): readonly string[] {
  const folders = new Set<string>([config.limits.tempDirectory, config.repaired])
  for (const source of config.sources) {
    folders.add(source.root)
    folders.add(fixedPart(source.target.path))
    folders.add(source.quarantine.path)
  }
  return [...folders]
}

/** Folders of ours, which no source may list. */
export function ownFolders(config: Config): readonly string[] {
  const folders = new Set<string>([path.dirname(config.state), config.limits.tempDirectory, config.repaired])
  for (const source of config.sources) {
    folders.add(fixedPart(source.target.path))
    folders.add(source.quarantine.path)
  }
  // A state file in the project's own folder must not exclude the project.
  folders.delete(config.directory)
  return [...folders]
}

/** The folders of a path template above its first placeholder. */
export function fixedPart(template: string): string {
  const brace = template.indexOf('{')
  return brace < 0 ? template : path.dirname(`${template.slice(0, brace)}x`)
}
