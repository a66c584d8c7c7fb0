/**
 * Identifies one version of one file: `<source>/<path below the source's root>#<ordinal>`.
 * Stable across runs, machines and mounts; unique within a project.
 */
export type FileVersionId = string

/**
 * What the file system says of a file without opening it. For a local file: `size:mtimeNs:ctimeNs:inode`.
 * The same stamp means: not opened again. A moved stamp means: hash it, then decide.
 */
export type Stamp = string

/** A file as the listing saw it. Nothing of it has been read. */
export interface SourceFile {
  /** Below the source's fixed root, `/`-separated, never starting with `/` or `..`. */
  readonly path: string
  /** Absolute path (local) or URI that the engine can open. */
  readonly uri: string
  readonly stamp: Stamp
  readonly sizeBytes: number
  /** Unix milliseconds, UTC. */
  readonly modifiedAtMs: number
}

/** One version of a file, identified by its bytes. */
export interface FileVersion extends SourceFile {
  readonly id: FileVersionId
  readonly source: string
  readonly dataset: string
  /** 1 for the first content seen at this path, +1 for each other content after it (A→B→A is three versions). */
  readonly ordinal: number
  /** SHA-256 of all bytes, lower-case hex. */
  readonly contentHash: string
}

/** Builds the id of a file version. */
export function fileVersionId(source: string, path: string, ordinal: number): FileVersionId {
  return `${source}/${path}#${ordinal}`
}
