import path from 'node:path'
import type { SourceConfig } from '@tidegate/core'

export type SplitPath =
  | { readonly kind: 'ok'; readonly root: string; readonly pattern: string }
  | { readonly kind: 'wrong'; readonly message: string; readonly hint: string }

/** Tells whether an absolute path is a folder; undefined where nothing is there (yet). */
export type IsFolder = (path: string) => boolean | undefined

/**
 * Splits a source's path at the first segment with a wildcard: everything above is the root, the rest the pattern.
 * A plain folder means all files below it with the format's extensions, a plain file means just that file.
 */
export function splitSourcePath(
  written: string,
  directory: string,
  format: SourceConfig['format'],
  isFolder: IsFolder = () => undefined,
): SplitPath {
  const text = toLocalPath(written)
  if (text === undefined) {
    return { kind: 'wrong', message: 'is not a local path', hint: 'Use a path such as landing/flights/**/*.parquet.' }
  }
  const segments = text.split('/')
  const wild = segments.findIndex((segment) => /[*?[{]/.test(segment))
  if (wild < 0) return splitPlain(text, directory, format, isFolder)

  const below = segments.slice(wild).filter((segment) => segment !== '' && segment !== '.')
  if (below.includes('..')) {
    return { kind: 'wrong', message: 'has `..` below a wildcard', hint: 'Start the path at the folder that you mean.' }
  }
  if (text.endsWith('/')) below.push(folderPattern(format))
  else if (below.at(-1) === '**') below.push('*')
  const fixed = segments.slice(0, wild).join('/')
  return { kind: 'ok', root: path.resolve(directory, fixed === '' && wild > 0 ? '/' : fixed), pattern: below.join('/') }
}

/** The path of a `file:` URL or the text itself; undefined for other URLs. */
export function toLocalPath(text: string): string | undefined {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(text)
  if (scheme === null) return text
  if (scheme[1]?.toLowerCase() !== 'file') return undefined
  const rest = text.slice(scheme[0].length)
  try {
    return rest.startsWith('/') ? decodeURIComponent(rest) : undefined
  } catch {
    return undefined
  }
}

function splitPlain(text: string, directory: string, format: SourceConfig['format'], isFolder: IsFolder): SplitPath {
  const absolute = path.resolve(directory, text)
  // Spark writes folders named like files (`out.parquet/`), so what is on disk wins over how the name looks.
  const folder = text.endsWith('/') || (isFolder(absolute) ?? !hasDataExtension(absolute))
  return folder
    ? { kind: 'ok', root: absolute, pattern: folderPattern(format) }
    : { kind: 'ok', root: path.dirname(absolute), pattern: path.basename(absolute) }
}

const EXTENSIONS: Readonly<Record<Exclude<SourceConfig['format'], 'auto'>, readonly string[]>> = {
  parquet: ['parquet'],
  csv: withCompressed(['csv', 'tsv']),
  json: withCompressed(['json']),
  ndjson: withCompressed(['ndjson', 'jsonl']),
}

function withCompressed(extensions: readonly string[]): readonly string[] {
  return extensions.flatMap((extension) => [extension, `${extension}.gz`, `${extension}.zst`])
}

function hasDataExtension(file: string): boolean {
  return /\.(parquet|csv|tsv|txt|json|ndjson|jsonl)(\.(gz|zst))?$/i.test(file)
}

function folderPattern(format: SourceConfig['format']): string {
  const extensions = format === 'auto' ? Object.values(EXTENSIONS).flat() : EXTENSIONS[format]
  return extensions.length === 1 ? `**/*.${extensions[0]}` : `**/*.{${extensions.join(',')}}`
}
