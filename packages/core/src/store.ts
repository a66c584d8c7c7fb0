import type { SourceFile } from './file-version.ts'

/** Bytes by range, of a file or an object. */
export interface ByteSource {
  readonly sizeBytes: number
  /** Bytes [offset, offset + length), cut at the end of the source. Throws `SOURCE_UNREADABLE`. */
  read(offset: number, length: number): Promise<Uint8Array>
  close(): Promise<void>
}

/** Where files are found and read. Read-only (invariant 5). */
export interface Store {
  /** Files that match, in a stable order. Errors of single entries are reported, not thrown. */
  discover(location: SourceLocation): AsyncIterable<DiscoveredFile>
  /** The same in pages, in the order of the paths' bytes: what lists a million files does not wait for each of them. */
  discoverPages(location: SourceLocation): AsyncIterable<readonly DiscoveredFile[]>
  /** The file's stamp now, or undefined if it is gone. */
  stat(uri: string): Promise<Pick<SourceFile, 'stamp' | 'sizeBytes' | 'modifiedAtMs'> | undefined>
  /**
   * SHA-256 of all bytes, lower-case hex.
   *
   * @param watch sees the bytes on their way, from the first to the last, so that nobody has to read them again. They are
   * valid until it is done; `false` ends it.
   */
  hash(uri: string, signal?: AbortSignal, watch?: (bytes: Uint8Array) => Promise<boolean>): Promise<string>
  open(uri: string): Promise<ByteSource>
}

export interface SourceLocation {
  /** Absolute folder above the first wildcard: the source's fixed root. */
  readonly root: string
  /** Glob below the root with `**`, `*`, `?`, `[a-z]`, `{a,b}`; `/`-separated. */
  readonly pattern: string
  /** Folders and files below these absolute paths are never listed (targets, quarantine, state). */
  readonly exclude?: readonly string[] | undefined
  /** Folders that need not be listed. @defaultValue all are */
  readonly watch?: FolderWatch | undefined
}

/** Lets a listing pass over folders that are as they were. A folder's name is its path below the root, `''` for the root. */
export interface FolderWatch {
  /**
   * Asked before a folder is listed, with its stamp of that moment: text that moves when an entry comes, goes or is renamed,
   * or another folder takes its place. True: its entries are passed over, and its sub-folders are `subfolders` of it.
   */
  passes(folder: string, stamp: string): boolean
  /** Names of the sub-folders of a folder that was passed over. */
  subfolders(folder: string): readonly string[]
  /** A folder was listed. No stamp where what is found there can change without it: links, or it cannot be told. */
  listed(folder: string, stamp: string | undefined): void
}

export type DiscoveredFile =
  | { readonly kind: 'file'; readonly file: SourceFile }
  | {
      readonly kind: 'unreadable'
      readonly path: string
      readonly uri: string
      readonly code: string
      readonly message: string
    }
