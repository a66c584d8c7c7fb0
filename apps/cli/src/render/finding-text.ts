import type { Diagnosis, Finding } from '@tidegate/core'
import { formatAmount, formatCount } from './format.ts'

/** `row group 3, column email, page 2, rows 0–2,047`; bytes where nothing finer is known; empty for the whole file. */
export function placeText(where: Finding['where']): string {
  if (where === undefined) return ''
  const { offset, length, rowGroup, column, page, rows } = where
  const parts = [
    ...(rowGroup === undefined ? [] : [`row group ${formatCount(rowGroup)}`]),
    ...(column === undefined ? [] : [`column ${column}`]),
    ...(page === undefined ? [] : [`page ${formatCount(page)}`]),
    ...(rows === undefined ? [] : [rangeText('row', 'rows', rows[0], rows[1])]),
  ]
  if (parts.length > 0 || offset === undefined) return parts.join(', ')
  return rangeText('byte', 'bytes', offset, offset + (length ?? 1))
}

/** `rows 0–99` for [0, 100). */
function rangeText(one: string, many: string, first: number, end: number): string {
  return end - first <= 1 ? `${one} ${formatCount(first)}` : `${many} ${formatCount(first)}–${formatCount(end - 1)}`
}

export function isBad({ severity }: Finding): boolean {
  return severity === 'error' || severity === 'fatal'
}

/** The worst finding first, then the order in which they were found. */
export function bySeverity(findings: readonly Finding[]): readonly Finding[] {
  const rank = { fatal: 0, error: 1, warn: 2, info: 3 } as const
  return findings.toSorted((a, b) => rank[a.severity] - rank[b.severity])
}

/** The worst finding with its place, and how many more there are. What is wrong with the file comes before what follows from it. */
export function whatIsWrong(findings: readonly Finding[]): string {
  const worst = bySeverity(findings)
  const first = worst.find((found) => isBad(found) && isOfFile(found)) ?? worst.find(isBad) ?? worst[0]
  if (first === undefined) return ''
  const more = findings.filter(isBad).length - (isBad(first) ? 1 : 0)
  return `${first.code} ${sentence(first)}${more > 0 ? ` (+${formatCount(more)} more)` : ''}`
}

/** PQ5xx tell of a folder, PQ6xx of a repair, PQ9xx of the reader. */
export function isOfFile({ code }: Finding): boolean {
  return code < 'PQ500'
}

/** The message, after its place in the file unless it names the place itself. */
export function sentence({ where, message }: Finding): string {
  if (where?.rowGroup === undefined && where?.column === undefined) return message
  const isColumnNamed = where.column === undefined || message.includes(where.column)
  const isGroupNamed = where.rowGroup === undefined || /row group/i.test(message)
  return isColumnNamed && isGroupNamed ? message : `${placeText(where)}: ${message}`
}

/** What a repair would bring back of a file, as far as this diagnosis can tell. */
export function wouldComeBack(
  diagnosis: Pick<Diagnosis, 'verdict' | 'rows' | 'intactRows' | 'layout' | 'findings'>,
): string {
  const { verdict, rows, intactRows, layout, findings } = diagnosis
  switch (verdict) {
    case 'ok':
    case 'ok-with-warnings':
      return ''
    case 'repairable-lossless':
      return 'all of it, lossless'
    case 'repairable-lossy':
      break
    case 'encrypted':
      return 'nothing: deliver it decrypted'
    case 'unsupported':
      return 'nothing: no damage is known'
    default:
      return 'nothing'
  }
  if (rows !== undefined && layout !== undefined) {
    const cells = damagedCells(layout)
    if (cells === undefined) return `${formatAmount(rows, 'row')}, some cells become NULL`
    if (cells > 0)
      return `${formatAmount(rows, 'row')}, ${formatAmount(cells, 'cell')} ${cells === 1 ? 'becomes' : 'become'} NULL`
    const isType = findings.every((found) => found.repairable !== 'lossy' || found.code === 'PQ206')
    return isType
      ? `${formatAmount(rows, 'row')}: all values, not the type of a column`
      : 'a part: see repair --dry-run'
  }
  if (intactRows !== undefined) return `at least ${formatAmount(intactRows, 'row')}`
  return layout === undefined ? 'a part: see repair --dry-run' : 'a part'
}

function damagedCells(layout: NonNullable<Diagnosis['layout']>): number | undefined {
  let cells = 0
  for (const { columns } of layout)
    for (const { status, damagedRows } of columns) {
      if (status !== 'damaged') continue
      if (damagedRows === undefined) return undefined
      for (const [first, end] of damagedRows) cells += end - first
    }
  return cells
}
