/**
 * Many small files share one part: one statement, one file to hash and to sync, and a part that is worth reading. Only files
 * of one form whose rows all load, so that the footers say how many rows of the part are whose.
 */
import type { FileVersion, FileVersionId, Relation } from '@tidegate/core'
import type { WorkItem } from './decide-treatment.ts'
import { formOf, type JudgedFile } from './judge-batch.ts'
import { relationOf } from './prepare-file.ts'
import { countFilteredByFile } from './row-filter.ts'
import { selectRows } from './select-rows.ts'
import { foldName } from './target-columns.ts'
import { loadedFile, partName, removeReplaced, stageFile, type JudgedRows, type StageContext } from './stage-file.ts'

/** Files that are staged together, in the batch's order. */
export type StageUnit = readonly FileVersion[]

/** Rows from which a file has a part of its own: it fills a row group, and is replaced without its neighbours. */
const ROWS_ALONE = 100_000

/** Rows of a shared part. Taking one file away writes it anew. */
const ROWS_PER_PART = 1_000_000

/** A statement names each file; the engine opens all of them before the first row. */
const FILES_PER_PART = 2_048

/** Which files go together; the others are alone. Pure. */
export function planUnits(
  files: readonly FileVersion[],
  work: ReadonlyMap<FileVersionId, WorkItem>,
  judged: ReadonlyMap<FileVersionId, JudgedFile>,
  refused: ReadonlyMap<FileVersionId, unknown>,
): readonly StageUnit[] {
  const units: FileVersion[][] = []
  const open = new Map<string, { readonly unit: FileVersion[]; rows: number }>()
  for (const version of files) {
    const own = judged.get(version.id)
    if (own === undefined || refused.has(version.id) || !loadsWhole(work.get(version.id), own)) {
      units.push([version])
      continue
    }
    const form = formOf(own.file)
    const current = open.get(form)
    const fits =
      current !== undefined && current.rows + own.file.rowsRead <= ROWS_PER_PART && current.unit.length < FILES_PER_PART
    if (fits) {
      current.unit.push(version)
      current.rows += own.file.rowsRead
    } else {
      const unit = [version]
      units.push(unit)
      open.set(form, { unit, rows: own.file.rowsRead })
    }
  }
  return units
}

function loadsWhole(item: WorkItem | undefined, judged: JudgedFile): judged is JudgedRows {
  return (
    item?.treatment.kind === 'judge' &&
    judged.kind === 'readable' &&
    (judged.verdict.kind === 'admit' || judged.verdict.kind === 'admit-with-warnings') &&
    judged.file.rejectedCount === 0 &&
    judged.file.repaired === undefined &&
    judged.file.rowsRead < ROWS_ALONE &&
    !judged.file.columns.some(({ name }) => foldName(name) === ENGINE_ROW_COLUMN)
  )
}

/** A file with a column of the engine's own name cannot be read in a list with others, and a UNION ALL loses their order. */
const ENGINE_ROW_COLUMN = 'file_row_number'

export async function stageUnit(
  unit: StageUnit,
  work: ReadonlyMap<FileVersionId, WorkItem>,
  judged: ReadonlyMap<FileVersionId, JudgedFile>,
  context: StageContext,
): Promise<void> {
  const members = unit.map((version) => {
    const item = work.get(version.id)
    if (item === undefined) throw new Error(`no work item for ${version.id}`)
    return { item, judged: judged.get(version.id) }
  })
  const [first] = members
  if (members.length === 1 && first !== undefined) return stageFile(first.item, first.judged, context)
  const whole = members.flatMap(({ item, judged: own }) => (own?.kind === 'readable' ? [{ item, judged: own }] : []))
  return stageGroup(whole, context)
}

interface Member {
  readonly item: WorkItem
  readonly judged: JudgedRows
}

async function stageGroup(members: readonly Member[], context: StageContext): Promise<void> {
  const { session, filter, signal, staging, batch, draft, kind } = context
  const [first] = members
  if (first === undefined) return
  const relation = relationOf(
    members.map(({ judged }) => judged.file),
    session,
  )
  const dropped: ReadonlyMap<string, number> =
    filter === undefined ? new Map<string, number>() : await countFilteredByFile(session, relation, filter, signal)
  const rows = members.map(({ judged: { file } }) => {
    const gone = dropped.get(file.scan) ?? 0
    return { loaded: file.rowsRead - gone, rejected: 0, dropped: gone, isSplit: false }
  })
  if (kind !== 'none') {
    const select = selectGroup(members, relation, context)
    const files = members.map(({ item }, index) => ({ file: item.version.id, rows: rows[index]?.loaded ?? 0 }))
    await staging.stageRows(session, select, { visible: partName(first.item, batch), files }, { signal })
  }
  for (const [index, { item, judged }] of members.entries()) {
    const own = rows[index]
    if (own === undefined) continue
    removeReplaced(item, context)
    draft.files.push(loadedFile(item, judged, context, own))
  }
}

/** One scan of a list of files: only that keeps them in order, whatever the number of threads. */
function selectGroup(members: readonly Member[], named: Relation, context: StageContext): string {
  const [first] = members
  if (first === undefined) throw new Error('no files to select from')
  const { dialect } = context.session
  const root = rootOf(members)
  const column = dialect.identifier(named.fileColumn)
  if (root !== undefined)
    return selectRows(named.sql, first.judged.file, { ...context, path: `substr(${column}, ${root.length + 1})` })
  // Converted files have names of their own.
  const placed = relationOf(
    members.map(({ judged: { file } }) => file),
    context.session,
    'places',
  )
  const paths = members.map(({ judged: { file } }) => dialect.literal(file.version.path))
  const isPlaced = placed.files.every(({ key }, index) => key === String(index))
  const path = isPlaced
    ? `[${paths.join(', ')}][CAST(${column} AS INTEGER) + 1]`
    : `CASE ${column} ${placed.files.map(({ key }, index) => `WHEN ${dialect.literal(key)} THEN ${paths[index] ?? ''}`).join(' ')} END`
  return selectRows(placed.sql, first.judged.file, { ...context, path })
}

/** What stands before the path in the names of all files, where it is the same text. In code points, as the engine counts. */
function rootOf(members: readonly Member[]): string | undefined {
  const [first] = members
  if (first === undefined) return undefined
  const { scan, version } = first.judged.file
  const root = scan.slice(0, scan.length - version.path.length)
  const isPlain = Array.from(root).length === root.length
  return isPlain && members.every(({ judged: { file } }) => file.scan === root + file.version.path) ? root : undefined
}
