import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A folder of its own, removed at the end of the block: `using project = makeTempProject({ 'tidegate.yaml': text })`. */
export interface TempProject extends Disposable {
  /** Absolute. */
  readonly directory: string
  /** Absolute path of something in the folder. */
  at(...parts: readonly string[]): string
  /** Writes a file, with the folders above it. Returns its absolute path. */
  write(relativePath: string, content: string | Uint8Array): string
  remove(): void
}

/** Makes a temporary folder with these files (relative path → content). */
export function makeTempProject(files: Readonly<Record<string, string | Uint8Array>> = {}): TempProject {
  const directory = mkdtempSync(path.join(tmpdir(), 'tidegate-'))
  const project: TempProject = {
    directory,
    at: (...parts) => path.join(directory, ...parts),
    write(relativePath, content) {
      const file = path.join(directory, relativePath)
      mkdirSync(path.dirname(file), { recursive: true })
      writeFileSync(file, content)
      return file
    },
    remove: () => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }),
    [Symbol.dispose]: () => project.remove(),
  }
  for (const [relativePath, content] of Object.entries(files)) project.write(relativePath, content)
  return project
}
