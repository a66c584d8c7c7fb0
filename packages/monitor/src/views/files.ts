import type { FileRecord } from '@tidegate/core'
import { windowRange } from '../days.ts'
import type { Facts } from '../facts.ts'
import { isoTime } from '../figures.ts'
import type { MonitorContext } from '../monitored-source.ts'
import { amount, bytes, count } from '../wording.ts'
import { buildFileTree } from './file-tree.ts'
import type { FileItem, FilesView } from './files-view.ts'
import { linkTo } from './link.ts'

/** What came from where: source → folder → file. */
export function files(facts: Facts, _context: MonitorContext): FilesView {
  const { tree, nodes, cuts } = buildFileTree(facts)
  const items = facts.files.items.map((file) => fileItem(file, facts))
  const total = Math.max(facts.files.total, items.length)
  const held = tree.held === 0 ? '' : `, ${count(tree.held)} held`
  return {
    summary:
      tree.files === 0
        ? 'No file was judged in the window.'
        : `${amount(tree.files, 'file')}${held}: ${amount(tree.rowsRead, 'row')}, ${bytes(tree.bytes)}, from ${amount(tree.children.length, 'source')}.`,
    tree,
    nodes,
    files: items,
    filesTotal: total,
    cuts: [...cuts, ...(items.length < total ? [`${count(items.length)} of ${count(total)} files are listed`] : [])],
  }
}

function fileItem(file: FileRecord, facts: Facts): FileItem {
  return {
    id: file.id,
    source: file.source,
    dataset: file.dataset,
    path: file.path,
    outcome: file.outcome,
    live: file.live,
    repaired: file.repair !== undefined,
    rowsRead: file.rowsRead,
    rowsLoaded: file.rowsLoaded + (file.rowsReplayed ?? 0),
    rowsRejected: file.rowsRejected,
    bytes: file.bytes,
    score: file.score,
    reasons: file.reasons.map(({ check }) => check),
    decidedAt: isoTime(file.decidedAtMs),
    durationMs: file.durationMs,
    run: file.run,
    link: linkTo('files', { source: file.source, file: file.path, ...windowRange(facts) }),
  }
}
