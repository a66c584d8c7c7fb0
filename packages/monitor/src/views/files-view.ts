import type { Link } from './link.ts'

export interface FilesView {
  readonly summary: string
  /** Root → sources → folders → files. */
  readonly tree: FileNode
  /** Nodes in the tree; at most 3,000. */
  readonly nodes: number
  /** Files worth a look (newest, lowest scores, largest), newest first: of `filesTotal`. */
  readonly files: readonly FileItem[]
  readonly filesTotal: number
  /** What the tree does not show, in words; empty where it is whole. */
  readonly cuts: readonly string[]
}

export interface FileSumsItem {
  readonly files: number
  readonly loaded: number
  readonly held: number
  readonly skipped: number
  readonly repaired: number
  readonly rowsRead: number
  /** With what was replayed since: as the target has them. */
  readonly rowsLoaded: number
  /** In quarantine now. */
  readonly rowsRejected: number
  readonly bytes: number
  /** Mean and lowest of the files' scores; null where none has one. */
  readonly score: number | null
  readonly scoreMin: number | null
}

/**
 * A part of the tree. A folder's sums are those of everything below it, shown or not. `more` stands for what was cut at this
 * place: its sums are what is missing in its siblings.
 */
export interface FileNode extends FileSumsItem {
  readonly kind: 'root' | 'source' | 'folder' | 'file' | 'more'
  /** Last part of its path. */
  readonly name: string
  /** Unique in the tree: source and path, percent-encoded. */
  readonly id: string
  readonly source: string | null
  /** Folder or file below the source's root. */
  readonly path: string
  readonly lastAt: string | null
  /** Largest first (files), `more` last. */
  readonly children: readonly FileNode[]
  readonly link: Link
}

export interface FileItem {
  readonly id: string
  readonly source: string
  readonly dataset: string
  readonly path: string
  readonly outcome: 'loaded' | 'held' | 'skipped'
  readonly live: boolean
  readonly repaired: boolean
  readonly rowsRead: number
  readonly rowsLoaded: number
  readonly rowsRejected: number
  readonly bytes: number
  readonly score: number | null
  readonly reasons: readonly string[]
  readonly decidedAt: string | null
  readonly durationMs: number | null
  readonly run: string
  readonly link: Link
}
