import type { Finding } from '@tidegate/core'

/** Findings of one kind that are told one by one; the rest is counted. */
export const LISTED_PER_CODE = 200

/** Takes any number of findings and holds a bounded number of them. */
export interface FindingList {
  add(found: Finding): void
  /** In the order they came; where there were too many of a kind, one finding at the end has their exact counts. */
  all(): readonly Finding[]
}

interface Kind {
  listed: number
  rest: Rest | undefined
}

interface Rest {
  readonly example: Finding
  count: number
  isLossy: boolean
  isFinal: boolean
  readonly rowGroups: Set<number>
  readonly columns: Set<string>
}

export function openFindingList(limit: number = LISTED_PER_CODE): FindingList {
  const listed: Finding[] = []
  const kinds = new Map<string, Kind>()
  return {
    add(found) {
      const key = `${found.code} ${found.severity}`
      const kind = kinds.get(key) ?? { listed: 0, rest: undefined }
      kinds.set(key, kind)
      if (kind.listed < limit) {
        kind.listed++
        listed.push(found)
        return
      }
      kind.rest ??= {
        example: found,
        count: 0,
        isLossy: false,
        isFinal: false,
        rowGroups: new Set(),
        columns: new Set(),
      }
      const { rest } = kind
      rest.count++
      rest.isLossy ||= found.repairable === 'lossy'
      rest.isFinal ||= found.repairable === 'no'
      if (found.where?.rowGroup !== undefined) rest.rowGroups.add(found.where.rowGroup)
      if (found.where?.column !== undefined) rest.columns.add(found.where.column)
    },
    all() {
      const rests = [...kinds.values()].flatMap((kind) =>
        kind.rest === undefined ? [] : [summary(kind.rest, kind.listed)],
      )
      return [...listed, ...rests]
    },
  }
}

function summary({ example, count, isLossy, isFinal, rowGroups, columns }: Rest, listed: number): Finding {
  const places = [
    ...(columns.size > 0 ? [`${columns.size} ${columns.size === 1 ? 'column' : 'columns'}`] : []),
    ...(rowGroups.size > 0 ? [`${rowGroups.size} row ${rowGroups.size === 1 ? 'group' : 'groups'}`] : []),
  ].join(' and ')
  return {
    code: example.code,
    name: example.name,
    severity: example.severity,
    message: `${count.toLocaleString('en-US')} more of these findings${places === '' ? '' : ` in ${places}`}, ${(listed + count).toLocaleString('en-US')} in all.`,
    repairable: isFinal ? 'no' : isLossy ? 'lossy' : 'lossless',
    evidence: { more: count, total: listed + count, rowGroups: rowGroups.size, columns: columns.size },
  }
}
