/** What a decoded footer says about itself: offsets, counts, codecs. Pure. */
import type { Finding } from '@tidegate/core'

import { finding } from './finding-codes.ts'
import type { ColumnChunk, ParquetFooter } from './footer.ts'
import { reservedNames } from './parquet-relation.ts'

/** `ranges: false` where it is known already that the offsets are wrong. */
export function checkFooter(footer: ParquetFooter, seen: { readonly ranges: boolean }): Finding[] {
  return [
    ...checkNames(footer),
    ...checkCounts(footer),
    ...checkChunks(footer),
    ...(seen.ranges ? checkRanges(footer, footer.footerOffset) : []),
  ]
}

function checkNames({ columns, leaves }: ParquetFooter): Finding[] {
  const findings: Finding[] = []
  for (const { path, illegalType } of leaves)
    if (illegalType !== undefined)
      findings.push(
        finding('PQ206', `Column ${path.join('.')} has an impossible type: ${illegalType}.`, {
          // Its values are there; what they were meant to be is not.
          repairable: 'lossy',
          where: { column: path.join('.') },
        }),
      )
  const seen = new Map<string, string>()
  for (const { name } of columns) {
    const other = seen.get(name.toLowerCase())
    if (other !== undefined)
      findings.push(
        finding(
          'PQ207',
          `Two columns are called ${JSON.stringify(other)}${other === name ? '' : ` and ${JSON.stringify(name)}`}.`,
          {
            severity: 'warn',
            where: { column: name },
          },
        ),
      )
    seen.set(name.toLowerCase(), name)
  }
  for (const name of reservedNames(columns.map((column) => column.name)))
    findings.push(
      finding('PQ220', `The column ${JSON.stringify(name)} has a reserved name.`, { where: { column: name } }),
    )
  return findings
}

function checkCounts({ rows, rowGroups, leaves }: ParquetFooter): Finding[] {
  const findings: Finding[] = []
  const sum = rowGroups.reduce((total, group) => total + group.rows, 0)
  const isNegative = rows < 0 || rowGroups.some((group) => group.rows < 0)
  if (isNegative || sum !== rows)
    findings.push(
      finding('PQ211', `The footer says ${counted(rows)} rows, its row groups have ${counted(sum)}.`, {
        // Some writers leave the total at 0; readers go by the row groups.
        severity: rows === 0 && !isNegative ? 'warn' : 'error',
        evidence: { rows, rowGroupRows: sum },
      }),
    )
  for (const [rowGroup, group] of rowGroups.entries()) {
    if (group.chunks.length !== leaves.length) {
      findings.push(
        finding(
          'PQ205',
          `Row group ${rowGroup} has ${group.chunks.length} column chunks, the schema has ${leaves.length} columns.`,
          {
            where: { rowGroup },
            evidence: { chunks: group.chunks.length, columns: leaves.length },
          },
        ),
      )
      continue
    }
    for (const [index, leaf] of leaves.entries()) {
      const chunk = group.chunks[index] as ColumnChunk
      const isFlat = leaf.maxRepetitionLevel === 0
      if (chunk.values < 0 || (isFlat && chunk.values !== group.rows))
        findings.push(
          finding(
            'PQ212',
            `Column ${leaf.path.join('.')} has ${counted(chunk.values)} values in row group ${rowGroup} of ${counted(group.rows)} rows.`,
            {
              where: { rowGroup, column: leaf.path.join('.') },
              evidence: { values: chunk.values, rows: group.rows },
            },
          ),
        )
    }
  }
  return findings
}

/** By number; LZO and what is not in the list cannot be read. */
const CODECS: readonly string[] = ['none', 'snappy', 'gzip', 'LZO', 'brotli', 'lz4', 'zstd', 'lz4_raw']
const UNREADABLE_CODECS: ReadonlySet<string> = new Set(['LZO'])

function checkChunks({ rowGroups, leaves }: ParquetFooter): Finding[] {
  const findings: Finding[] = []
  const reported = new Set<string>()
  for (const [rowGroup, { chunks }] of rowGroups.entries()) {
    for (const [index, chunk] of chunks.entries()) {
      const column = (leaves[index]?.path ?? chunk.path).join('.')
      const codec = CODECS[chunk.codec]
      if ((codec === undefined || UNREADABLE_CODECS.has(codec)) && !reported.has(column)) {
        reported.add(column)
        findings.push(
          finding(
            'PQ213',
            `Column ${column} is compressed with ${codec ?? `codec ${chunk.codec}`}, which cannot be read.`,
            {
              where: { rowGroup, column },
              evidence: { codec: chunk.codec },
            },
          ),
        )
      }
      if (chunk.filePath !== undefined && chunk.filePath !== '' && !reported.has('file')) {
        reported.add('file')
        findings.push(
          finding('PQ219', `The data of column ${column} is in another file, ${JSON.stringify(chunk.filePath)}.`, {
            where: { rowGroup, column },
            evidence: { filePath: chunk.filePath },
          }),
        )
      }
    }
  }
  return findings
}

function checkRanges({ rowGroups, leaves }: ParquetFooter, footerOffset: number): Finding[] {
  const ranges: { start: number; end: number; rowGroup: number; column: string }[] = []
  for (const [rowGroup, { chunks, rows }] of rowGroups.entries()) {
    if (rows === 0) continue
    for (const [index, chunk] of chunks.entries()) {
      const column = (leaves[index]?.path ?? chunk.path).join('.')
      const { start, end } = chunk
      if (start < 0 || end < start || end > footerOffset)
        return [
          finding(
            'PQ209',
            `Column ${column} of row group ${rowGroup} should lie at bytes ${start} to ${end}; data ends at ${footerOffset}.`,
            {
              repairable: 'lossy',
              where: { offset: start, length: Math.max(0, end - start), rowGroup, column },
              evidence: { start, end, dataEnd: footerOffset },
            },
          ),
        ]
      if (end > start) ranges.push({ start, end, rowGroup, column })
    }
  }
  ranges.sort((a, b) => a.start - b.start)
  for (const [index, range] of ranges.entries()) {
    const next = ranges[index + 1]
    if (next === undefined || next.start >= range.end) continue
    return [
      finding(
        'PQ210',
        `Column ${next.column} of row group ${next.rowGroup} overlaps column ${range.column} of row group ${range.rowGroup}.`,
        {
          // Some writers count metadata behind the pages into the size; two chunks that begin together are worse.
          severity: next.start === range.start ? 'error' : 'warn',
          where: { offset: next.start, length: range.end - next.start, rowGroup: next.rowGroup, column: next.column },
          evidence: { firstEnd: range.end, secondStart: next.start },
        },
      ),
    ]
  }
  return []
}

/** For people, with separators. */
function counted(count: number): string {
  return count.toLocaleString('en-US')
}
