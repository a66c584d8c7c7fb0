import { createHash } from 'node:crypto'

import type { ColumnSchema, Finding, JsonValue } from '@tidegate/core'

import { finding } from '../finding-codes.ts'

export interface PathFinding {
  readonly path: string
  readonly finding: Finding
}

export interface SchemaWatch {
  add(path: string, schema: readonly ColumnSchema[]): void
  /** One PQ503 per file whose columns are not those of most files of its dataset. The order of columns does not count. */
  findings(): Generator<PathFinding>
}

/** Different schemas of one dataset whose columns are kept, to say what differs; of others only that they do. */
const MAX_SCHEMAS = 200
/** Columns that one finding names. */
const MAX_COLUMNS = 20

interface Variant {
  readonly columns: ReadonlyMap<string, string> | undefined
  readonly paths: string[]
}

/** Keeps one path per file and the columns of each different schema, nothing else. */
export function watchSchemas(): SchemaWatch {
  const datasets = new Map<string, Map<string, Variant>>()
  return {
    add(path, schema) {
      const dataset = datasetOf(path)
      const variants = datasets.get(dataset) ?? new Map<string, Variant>()
      datasets.set(dataset, variants)
      const columns = new Map(schema.map(({ name, type }) => [name, type]))
      const print = fingerprint(columns)
      const known = variants.get(print)
      if (known === undefined)
        variants.set(print, { columns: variants.size < MAX_SCHEMAS ? columns : undefined, paths: [path] })
      else known.paths.push(path)
    },
    *findings() {
      for (const variants of datasets.values()) yield* differences([...variants.values()])
    },
  }
}

/**
 * The folder without its partitions: `flights/date=2024-01-01` and `flights/2024/01/02` belong to `flights`. So each table
 * below one folder is compared with itself only.
 */
function datasetOf(path: string): string {
  return path
    .split('/')
    .slice(0, -1)
    .filter((segment) => !segment.includes('=') && !/^\d[\d-]*$/.test(segment))
    .join('/')
}

function fingerprint(columns: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256')
  for (const entry of [...columns].map((column) => JSON.stringify(column)).sort()) hash.update(entry).update('\n')
  return hash.digest('base64')
}

function* differences(variants: readonly Variant[]): Generator<PathFinding> {
  const usual = variants.reduce<Variant | undefined>(
    (most, variant) => (most === undefined || variant.paths.length > most.paths.length ? variant : most),
    undefined,
  )
  if (usual === undefined || variants.length < 2) return
  const files = variants.reduce((sum, { paths }) => sum + paths.length, 0)
  for (const variant of variants) {
    if (variant === usual) continue
    const difference = describe(variant, usual)
    const said = difference === undefined ? '' : `: ${difference.text}`
    for (const path of variant.paths)
      yield {
        path,
        finding: finding(
          'PQ503',
          `Its columns are not those of ${usual.paths.length} of the ${files} files of this table${said}.`,
          {
            severity: 'warn',
            evidence: {
              files,
              filesWithUsualSchema: usual.paths.length,
              usualExample: usual.paths[0] ?? '',
              ...difference?.evidence,
            },
          },
        ),
      }
  }
}

function describe(
  variant: Variant,
  usual: Variant,
): { readonly text: string; readonly evidence: Readonly<Record<string, JsonValue>> } | undefined {
  if (variant.columns === undefined || usual.columns === undefined) return undefined
  const { columns } = variant
  const missing = [...usual.columns.keys()].filter((name) => !columns.has(name))
  const extra = [...columns.keys()].filter((name) => usual.columns?.has(name) === false)
  const changed = [...columns].flatMap(([name, type]) => {
    const before = usual.columns?.get(name)
    return before === undefined || before === type ? [] : [`${name} (${type} instead of ${before})`]
  })
  return {
    text: [list('it lacks', missing), list('it has also', extra), list('other type:', changed)]
      .filter((part) => part !== '')
      .join('; '),
    evidence: {
      missing: missing.slice(0, MAX_COLUMNS),
      extra: extra.slice(0, MAX_COLUMNS),
      changed: changed.slice(0, MAX_COLUMNS),
      differences: missing.length + extra.length + changed.length,
    },
  }
}

function list(what: string, names: readonly string[]): string {
  if (names.length === 0) return ''
  const shown = names.slice(0, 3).join(', ')
  return `${what} ${shown}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`
}
