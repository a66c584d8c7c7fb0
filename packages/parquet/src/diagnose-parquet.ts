import type { ByteSource, Diagnosis, Finding } from '@tidegate/core'

import { checkFooter } from './check-footer.ts'
import type { ContainerFacts } from './diagnose/container/read-container.ts'
import { readContainer } from './diagnose/container/read-container.ts'
import { openFindingList } from './diagnose/finding-list.ts'
import { checkKeyValues } from './diagnose/footer/check-key-values.ts'
import { checkSchema } from './diagnose/footer/check-schema.ts'
import { checkStatistics } from './diagnose/footer/check-statistics.ts'
import { layoutFindings } from './diagnose/footer/layout-findings.ts'
import { isBad, judgeVerdict } from './diagnose/judge-verdict.ts'
import type { ParquetFooter } from './footer.ts'

export interface ParquetRequest {
  readonly name: string
  readonly level: 'container' | 'footer'
  /** The first 64 KiB of the file. */
  readonly head: Uint8Array
}

/** A file that should be Parquet. */
export async function diagnoseParquet(source: ByteSource, request: ParquetRequest): Promise<Diagnosis> {
  const { name, head } = request
  const facts = await readContainer(source, { name, head })
  const { shape } = facts
  const footer = shape.kind === 'file' ? shape.site.footer : undefined
  const list = openFindingList()
  for (const found of facts.findings) list.add(found)
  if (shape.kind === 'file' && request.level === 'footer')
    for (const found of await footerFindings(source, shape)) list.add(found)
  return conclude(source.sizeBytes, facts, list.all(), footer)
}

type File = Extract<ContainerFacts['shape'], { kind: 'file' }>

/** What the footer says of itself and of the bytes; nothing of the data is read but some page headers. */
async function footerFindings(source: ByteSource, { site, layout, start, headMissing }: File): Promise<Finding[]> {
  const { footer } = site
  const isPlaced = start > 0 || headMissing > 0
  const ofLayout = isPlaced ? [] : await layoutFindings(source, layout)
  // The offsets count from the start of the file proper.
  const placed = isPlaced ? { ...footer, footerOffset: footer.footerOffset - start + headMissing } : footer
  return [
    ...ofLayout,
    ...checkFooter(placed, { ranges: layout.kind === 'fits' || isPlaced }),
    ...checkSchema(footer).findings,
    ...checkStatistics(footer).map((fault) => fault.finding),
    ...checkKeyValues(footer),
  ]
}

function conclude(
  sizeBytes: number,
  { shape, detected }: ContainerFacts,
  findings: readonly Finding[],
  footer: ParquetFooter | undefined,
): Diagnosis {
  return {
    kind: findings.some(isBad) ? 'unreadable' : 'sound',
    verdict: verdictOf(shape, findings),
    detected,
    sizeBytes,
    findings,
    ...(footer === undefined
      ? {}
      : {
          rows: footer.rows === 0 ? footer.rowGroups.reduce((sum, group) => sum + group.rows, 0) : footer.rows,
          rowGroups: footer.rowGroups.length,
          createdBy: footer.createdBy,
          schema: footer.columns,
          ...(footer.schemaKey === undefined ? {} : { schemaKey: footer.schemaKey }),
        }),
  }
}

function verdictOf(shape: ContainerFacts['shape'], findings: readonly Finding[]): Diagnosis['verdict'] {
  if (shape.kind === 'encrypted') return 'encrypted'
  if (shape.kind === 'packed' && shape.content !== 'parquet') return 'not-parquet'
  if (findings.some(({ code }) => code === 'PQ103')) return 'not-parquet'
  return judgeVerdict(findings)
}
