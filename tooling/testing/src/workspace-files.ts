import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** Absolute path of the repository. */
export const WORKSPACE: string = fileURLToPath(new URL('../../../', import.meta.url))

export interface PackageJson {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly description?: string
  readonly license?: string
  readonly type?: string
  readonly files?: readonly string[]
  readonly bin?: Readonly<Record<string, string>>
  readonly engines?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, unknown>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

export interface WorkspacePackage {
  /** Relative to the repository, e.g. `packages/core`. */
  readonly folder: string
  readonly directory: string
  readonly json: PackageJson
}

/** What others can install: all of packages/ and apps/. */
export function listProductPackages(): readonly WorkspacePackage[] {
  return ['packages', 'apps'].flatMap((group) => listPackages(group))
}

/** Packages of one group (`packages`, `apps`, `tooling`), by name. */
export function listPackages(group: string): readonly WorkspacePackage[] {
  return readdirSync(path.join(WORKSPACE, group))
    .sort()
    .filter((name) => existsSync(path.join(WORKSPACE, group, name, 'package.json')))
    .map((name) => {
      const directory = path.join(WORKSPACE, group, name)
      return { folder: `${group}/${name}`, directory, json: readPackageJson(path.join(directory, 'package.json')) }
    })
}

export function readPackageJson(file: string): PackageJson {
  return JSON.parse(readFileSync(file, 'utf8')) as PackageJson
}

/** All files of the repository that are written by hand, relative to it, `/`-separated. */
export function listFiles(folder = ''): readonly string[] {
  return readdirSync(path.join(WORKSPACE, folder), { withFileTypes: true }).flatMap((entry) => {
    const relative = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (NOT_OURS.has(entry.name) || relative === 'demo') return []
    if (entry.isDirectory()) return listFiles(relative)
    return entry.isFile() ? [relative] : []
  })
}

/** Text of a file of the repository. */
export function readText(relative: string): string {
  return readFileSync(path.join(WORKSPACE, relative), 'utf8')
}

/** The first fenced ```js block of a Markdown text. */
export function firstJsBlock(markdown: string): string | undefined {
  return /^```js\r?\n([\s\S]*?)^```\s*$/m.exec(markdown)?.[1]
}

const NOT_OURS: ReadonlySet<string> = new Set([
  '.git',
  '.turbo',
  'node_modules',
  'dist',
  'coverage',
  'test-results.json',
  'slow-test-results.json',
  '.env',
  '.DS_Store',
])
