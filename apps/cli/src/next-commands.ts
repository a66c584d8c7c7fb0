import path from 'node:path'
import { shellWord } from './render/ingest-view.ts'

/**
 * Under `-C DIR` the commands that an answer names as the next step need `-C DIR` too. They stand on lines of their own, after two
 * spaces (or an arrow). `init` names its own; `explain` and `check` need no project.
 */
export function nameDirectory(text: string, directory: string, workingDirectory: string): string {
  if (directory === workingDirectory) return text
  const relative = path.relative(workingDirectory, directory)
  const shorter = relative.length < directory.length ? relative : directory
  return text.replace(
    /^( {2,4}(?:→ )?)tidegate (?=[a-z])(?!explain |check |init )/gm,
    (_, indent: string) => `${indent}tidegate -C ${shellWord(shorter)} `,
  )
}
