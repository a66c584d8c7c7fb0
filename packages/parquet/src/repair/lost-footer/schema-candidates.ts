import { basename, dirname, join, relative, sep } from 'node:path'

import type { ByteSource, Finding } from '@tidegate/core'

import { findCutFooter } from '../../assemble/find-cut-footer.ts'
import { leafMeanings } from '../../assemble/leaf-meaning.ts'
import type { PageFits } from '../../assemble/page-fits.ts'
import { schemaFromInline } from '../../assemble/schema-from-inline.ts'
import type { SchemaSource } from '../../assemble/schema-sources.ts'
import { joinRanges } from '../../assemble/value-ranges.ts'
import { finding } from '../../finding-codes.ts'
import { walkPages } from '../../pages/walk-pages.ts'
import type { RepairOptions, SchemaFrom } from '../plan.ts'
import { isInsidePage } from './is-inside-page.ts'
import { mendOwnSchema } from './mend-own-schema.ts'
import { nearbyDeltaTable, nearbySiblings } from './nearby-files.ts'
import { schemaFromDeltaLog } from './schema-from-delta-log.ts'
import { schemaOfFile } from './schema-of-file.ts'

export type SchemaCandidate =
  /** Several that were found together and differ: only one of them can be right. */
  | { readonly kind: 'schemas'; readonly schemas: readonly NamedSchema[] }
  | { readonly kind: 'refused'; readonly finding: Finding }

export interface NamedSchema {
  readonly schema: SchemaSource
  /** For people: `the sibling b.parquet`. */
  readonly name: string
  /** Bytes that the file should have, by a table log. */
  readonly sizeBytes?: number | undefined
}

export type CandidateOptions = Pick<RepairOptions, 'schema' | 'limits' | 'signal'> & { readonly path?: string }

/**
 * Schemas that a file without footer may have, the most trusted first: what is left of its own footer, the sources that the
 * caller names, or else those that lie near the file; and last the metadata between its own chunks, which has names but
 * no logical types (where it is there, it proves or refutes the others anyway).
 */
export async function* schemaCandidates(
  view: ByteSource,
  fits: PageFits,
  options: CandidateOptions,
): AsyncGenerator<SchemaCandidate> {
  const own = await findCutFooter(view)
  const isOwn = own !== undefined && !(await isInsidePage(view, own.footerOffset ?? 0, options.signal))
  if (isOwn) yield one(mendOwnSchema(own), 'the rest of its footer')
  if (options.schema !== undefined)
    for (const from of options.schema) {
      options.signal?.throwIfAborted()
      yield await namedSchema(from, options.path)
    }
  else if (options.path !== undefined) yield* nearbySchemas(options.path, options.signal)
  const { limits, signal } = options
  const inline = await schemaFromInline(view, walkPages(view, { limits, signal }), fits)
  if (inline !== undefined) yield one(inline, 'the metadata between its chunks')
}

function one(schema: SchemaSource, name: string, sizeBytes?: number): SchemaCandidate {
  return { kind: 'schemas', schemas: [{ schema, name, sizeBytes }] }
}

function rejected(what: string, because: string, severity: Finding['severity']): SchemaCandidate {
  const message = `${what} gives no schema: ${because.replace(/\.$/, '')}.`
  return { kind: 'refused', finding: finding('PQ603', message, { severity, evidence: { source: what, because } }) }
}

async function namedSchema(from: SchemaFrom, path: string | undefined): Promise<SchemaCandidate> {
  if ('deltaTable' in from) return await deltaCandidate(from.deltaTable, path, 'error')
  const [file, kind] =
    'sibling' in from ? ([from.sibling, 'sibling'] as const) : ([from.metadataFile, '_metadata'] as const)
  const found = await schemaOfFile(file, kind, kind === '_metadata' ? partPath(file, path) : undefined)
  const name = `${kind === 'sibling' ? 'the sibling' : 'the metadata file'} ${basename(file)}`
  return found.kind === 'schema' ? one(found.schema, name) : rejected(name, found.because, 'error')
}

async function deltaCandidate(
  table: string,
  path: string | undefined,
  severity: Finding['severity'],
): Promise<SchemaCandidate> {
  const found = await schemaFromDeltaLog(table, path)
  const name = `the Delta table ${basename(table)}`
  return found.kind === 'schema' ? one(found.schema, name, found.sizeBytes) : rejected(name, found.because, severity)
}

function partPath(metadataFile: string, path: string | undefined): string | undefined {
  return path === undefined ? undefined : relative(dirname(metadataFile), path).split(sep).join('/')
}

async function* nearbySchemas(path: string, signal: AbortSignal | undefined): AsyncGenerator<SchemaCandidate> {
  for (const name of ['_metadata', '_common_metadata']) {
    const file = join(dirname(path), name)
    const found = await schemaOfFile(file, '_metadata', basename(path))
    if (found.kind === 'schema') yield one(found.schema, `the metadata file ${name}`)
    else if (!found.isMissing) yield rejected(`the metadata file ${name}`, found.because, 'info')
  }
  const table = await nearbyDeltaTable(path)
  if (table !== undefined) yield await deltaCandidate(table, path, 'info')
  const siblings = new Map<string, NamedSchema>()
  for (const sibling of await nearbySiblings(path)) {
    signal?.throwIfAborted()
    const found = await schemaOfFile(sibling, 'sibling')
    const name = `the sibling ${basename(sibling)}`
    if (found.kind === 'refused') {
      yield rejected(name, found.because, 'info')
      continue
    }
    const key = schemaKey(found.schema)
    const known = siblings.get(key)
    siblings.set(
      key,
      known === undefined ? { schema: found.schema, name } : { ...known, schema: joined(known.schema, found.schema) },
    )
  }
  if (siblings.size > 0) yield { kind: 'schemas', schemas: [...siblings.values()] }
}

/** Schemas of which all columns have the same names, types and nesting are one. */
function schemaKey({ leaves, elements }: SchemaSource): string {
  return JSON.stringify([leaves, leafMeanings(elements)])
}

/** Two files of one table tell more of their writer than one. */
function joined(left: SchemaSource, right: SchemaSource): SchemaSource {
  return {
    ...left,
    codecs: left.codecs?.map((codec, leaf) => (codec === right.codecs?.[leaf] ? codec : undefined)),
    dictionaries: left.dictionaries?.map((has, leaf) => (has === right.dictionaries?.[leaf] ? has : undefined)),
    groupRows: [...new Set([...(left.groupRows ?? []), ...(right.groupRows ?? [])])],
    ranges: left.ranges?.map((range, leaf) => joinRanges(range, right.ranges?.[leaf])),
  }
}
