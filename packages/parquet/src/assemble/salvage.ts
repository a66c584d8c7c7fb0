/** What can be brought back of a file without a footer, and what the new file is made of. Pure. */
import type { Finding } from '@tidegate/core'

import { pageEnd, type Page } from '../pages/page.ts'
import { integerIn, type TypedStruct } from '../thrift/thrift-value.ts'
import type { AssembledChunk, AssembledGroup, Assembly } from './assemble-chunks.ts'
import { buildFooter, closeFile, type ChunkPages, type RowGroupPages } from './footer-builder.ts'
import { judgeConfidence, type Confidence, type Judgement } from './judge-confidence.ts'
import { buildNullPage } from './null-page.ts'
import { salvageFindings } from './salvage-findings.ts'
import type { SchemaSource } from './schema-sources.ts'
import type { ValueEvidence } from './value-evidence.ts'

export interface SalvageOptions {
  /** A row group whose last columns are missing: left out, or kept with NULL in them. @defaultValue 'drop' */
  readonly partialRowGroup?: 'drop' | 'null-fill'
  /** @defaultValue 'strong' */
  readonly minConfidence?: Confidence
  /** Takes row groups that can be read in more than one way. @defaultValue false */
  readonly allowAmbiguous?: boolean
  /** Of the numbers in the pages; they tell types of one width apart. */
  readonly values?: ValueEvidence
}

export interface SalvagedColumn {
  readonly path: readonly string[]
  /** Rows of the group that are NULL because their bytes are gone, [first, end); undefined for an intact column. */
  readonly nulledRows: readonly [number, number] | undefined
}

export interface SalvagedGroup {
  readonly rows: number
  /** From the footer's remains, or from the pages. */
  readonly from: 'footer' | 'pages'
  /** Empty for a group from the footer: all its columns are as they were. */
  readonly columns: readonly SalvagedColumn[]
}

export interface SalvagePlan {
  /** `refused`: nothing should be written; the findings say why. */
  readonly kind: 'salvage' | 'refused'
  readonly confidence: Confidence | 'rejected'
  readonly evidence: readonly string[]
  readonly doubts: readonly string[]
  readonly schemaFrom: SchemaSource['from']
  /** Bytes of the source that are kept as they are, from its start. */
  readonly prefixBytes: number
  /** What follows them: NULL pages, footer, its length and PAR1. */
  readonly appended: Uint8Array
  readonly groups: readonly SalvagedGroup[]
  /** Groups that were found and are not in the result: partial ones, and those that can be read in two ways. */
  readonly leftOut: readonly AssembledGroup[]
  readonly rows: {
    readonly recovered: number
    /** Rows in which a column is NULL because its bytes are gone; part of `recovered`. */
    readonly partial: number
    /** Undefined when nothing says how many there were. */
    readonly lost: number | undefined
  }
  readonly findings: readonly Finding[]
}

/** Plans a salvage. The prefix begins with the source's first byte; a file whose head is damaged gets its PAR1 on writing. */
export function planSalvage(assembly: Assembly, schema: SchemaSource, options: SalvageOptions = {}): SalvagePlan {
  const judgement = judgeConfidence(assembly, schema, options.values)
  const usable = assembly.groups.filter(({ isCertain }) => isCertain || options.allowAmbiguous === true)
  const own = schema.ownGroups ?? []
  const prefixBytes = Math.max(assembly.dataEnd, schema.footerOffset ?? 0)
  const built = buildGroups(usable, prefixBytes, options.partialRowGroup ?? 'drop')
  const ownGroups = own.map((group): SalvagedGroup => ({ rows: integerIn(group, 3) ?? 0, from: 'footer', columns: [] }))
  const groups = [...ownGroups, ...built.salvaged]
  const recovered = groups.reduce((sum, group) => sum + group.rows, 0)
  const partial = built.salvaged
    .filter(({ columns }) => columns.some(({ nulledRows }) => nulledRows !== undefined))
    .reduce((sum, group) => sum + group.rows, 0)
  const rows = {
    recovered,
    partial,
    lost: schema.rows === undefined ? undefined : Math.max(0, schema.rows - recovered),
  }
  const isEnough = reaches(judgement, options.minConfidence ?? 'strong') && groups.length > 0
  const { confidence, evidence, doubts } = judgement
  return {
    kind: isEnough ? 'salvage' : 'refused',
    confidence,
    evidence,
    doubts,
    schemaFrom: schema.from,
    prefixBytes,
    appended: isEnough
      ? Buffer.concat([
          ...built.appended,
          closeFile(buildFooter({ ...footerOf(schema), rowGroups: [...own, ...built.groups] })),
        ])
      : new Uint8Array(),
    groups,
    leftOut: [...assembly.groups.filter((group) => !usable.includes(group)), ...built.leftOut],
    rows,
    findings: salvageFindings({ assembly, schema, judgement, usable, rows }),
  }
}

function footerOf(schema: SchemaSource): Omit<Parameters<typeof buildFooter>[0], 'rowGroups'> {
  return {
    schema: schema.elements,
    keyValues: schema.keyValues,
    createdBy: schema.createdBy,
    ...(schema.version === undefined ? {} : { version: schema.version }),
  }
}

const RANK = { rejected: 0, weak: 1, strong: 2, proven: 3 } as const

function reaches({ confidence }: Judgement, wanted: Confidence): boolean {
  return RANK[confidence] >= RANK[wanted]
}

interface BuiltGroups {
  readonly groups: readonly (RowGroupPages | TypedStruct)[]
  readonly salvaged: readonly SalvagedGroup[]
  readonly leftOut: readonly AssembledGroup[]
  readonly appended: readonly Uint8Array[]
}

function buildGroups(
  assembled: readonly AssembledGroup[],
  prefixBytes: number,
  partialRowGroup: 'drop' | 'null-fill',
): BuiltGroups {
  const groups: RowGroupPages[] = []
  const salvaged: SalvagedGroup[] = []
  const leftOut: AssembledGroup[] = []
  const appended: Uint8Array[] = []
  let end = prefixBytes
  for (const group of assembled) {
    if (group.kind === 'full' && group.rows !== undefined) {
      groups.push({ rows: group.rows, chunks: group.chunks.map(toPages) })
      salvaged.push({
        rows: group.rows,
        from: 'pages',
        columns: group.chunks.map(({ leaf }) => ({ path: leaf.path, nulledRows: undefined })),
      })
      continue
    }
    const filled = partialRowGroup === 'null-fill' ? fillGroup(group, end) : undefined
    if (filled === undefined) {
      leftOut.push(group)
      continue
    }
    groups.push(filled.group)
    salvaged.push(filled.salvaged)
    appended.push(...filled.appended)
    end += filled.appended.reduce((sum, bytes) => sum + bytes.length, 0)
  }
  return { groups, salvaged, leftOut, appended }
}

/** Undefined where the group's rows are not known, or a missing column cannot hold NULL. */
function fillGroup(
  group: AssembledGroup,
  end: number,
):
  | { readonly group: RowGroupPages; readonly salvaged: SalvagedGroup; readonly appended: readonly Uint8Array[] }
  | undefined {
  const { rows, missing } = group
  if (rows === undefined || rows === 0) return undefined
  const chunks: ChunkPages[] = group.chunks.map(toPages)
  const columns: SalvagedColumn[] = group.chunks.map(({ leaf }) => ({ path: leaf.path, nulledRows: undefined }))
  const appended: Uint8Array[] = []
  let at = end
  for (const [index, leaf] of missing.entries()) {
    // The pages of the cut chunk stay if the new page can follow them immediately.
    const open = index === 0 && !isNested(leaf.maxRepetitionLevel) ? group.open : undefined
    const last = open?.pages.at(-1)
    const kept =
      open !== undefined && last !== undefined && last.kind !== 'dictionary' && pageEnd(last) === at ? open : undefined
    const version = kept?.pages.at(-1)?.kind === 'data-v2' ? 2 : 1
    const codec = kept?.codec ?? 0
    const built = buildNullPage(leaf, rows - (kept?.rows ?? 0), { version, codec })
    if (built === undefined) return undefined
    const page: Page = { ...built.page, offset: at }
    chunks.push({ path: leaf.path, physicalType: leaf.physicalType, codec, pages: [...(kept?.pages ?? []), page] })
    columns.push({ path: leaf.path, nulledRows: [kept?.rows ?? 0, rows] })
    appended.push(built.bytes)
    at += built.bytes.length
  }
  for (const later of group.later) {
    chunks.push(toPages(later))
    columns.push({ path: later.leaf.path, nulledRows: undefined })
  }
  return { group: { rows, chunks }, salvaged: { rows, from: 'pages', columns }, appended }
}

/** The last row of a nested page may go on in the page that is gone. */
function isNested(maxRepetitionLevel: number): boolean {
  return maxRepetitionLevel > 0
}

function toPages({ leaf, codec, pages }: AssembledChunk): ChunkPages {
  return { path: leaf.path, physicalType: leaf.physicalType, codec, pages }
}
