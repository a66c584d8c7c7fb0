export interface Import {
  /** As written, e.g. `./x.ts`, `node:fs`, `@tidegate/core`. */
  readonly specifier: string
  /** True for `import type` and `export type`: erased, so no arrow at run time. */
  readonly typeOnly: boolean
}

/** The imports and re-exports of a formatted TypeScript file, static and dynamic. Computed specifiers are not seen. */
export function readImports(source: string): readonly Import[] {
  const found: Import[] = []
  for (const [, type, specifier] of source.matchAll(FROM))
    found.push({ specifier: specifier!, typeOnly: type !== undefined })
  for (const [, specifier] of source.matchAll(BARE)) found.push({ specifier: specifier!, typeOnly: false })
  for (const [, specifier] of source.matchAll(DYNAMIC)) found.push({ specifier: specifier!, typeOnly: false })
  return found
}

/** `@scope/name` or `name` of a bare specifier; undefined for relative and `node:` ones. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('/') || specifier.startsWith('node:')) return undefined
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

const NAMES = String.raw`(?:[\w$]+|\*(?: as [\w$]+)?|\{[^}]*\})`
const FROM = new RegExp(
  String.raw`^(?:import|export)\s+(type\s+)?${NAMES}(?:\s*,\s*${NAMES})?\s+from\s+'([^']+)'`,
  'gm',
)
const BARE = /^import\s+'([^']+)'/gm
const DYNAMIC = /\bimport\(\s*'([^']+)'/g
