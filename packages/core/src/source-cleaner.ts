import type { SourceFile } from './file-version.ts'

/**
 * What may happen to a file of a source once it is loaded (`clean_source`), or once its bytes are in quarantine
 * (`quarantine.original: move`): the two exceptions to sources being read-only (invariant 5). Not a part of {@link Store}, so
 * that nothing else can reach it.
 */
export interface SourceCleaner {
  /**
   * Moves a file below a folder, keeping its path; a name that is taken by other bytes gets a number behind it. Finishes a
   * move that was cut off. Durable when it returns.
   */
  archive(file: CleanableFile, folder: string): Promise<CleanOutcome>
  delete(file: CleanableFile): Promise<CleanOutcome>
  /** Why the others would leave a file alone, as it lies there now; undefined where they would not. */
  whyLeave(file: CleanableFile): Promise<Extract<CleanOutcome, { kind: 'left' }> | undefined>
}

/** A file as it was when it was committed. */
export interface CleanableFile extends Pick<SourceFile, 'path' | 'uri' | 'stamp'> {
  /** SHA-256 of all bytes, lower-case hex. */
  readonly contentHash: string
}

export type CleanOutcome =
  | { readonly kind: 'cleaned' }
  /** It is not the file that was committed: left where it is. */
  | { readonly kind: 'left'; readonly because: 'changed' | 'gone' | 'link' }
