import { openFolder, type FolderDestination, type FolderOptions } from './open-folder.ts'

export interface ParquetFolderOptions extends FolderOptions {
  /** @defaultValue 'zstd' */
  readonly compression?: 'zstd' | 'snappy' | undefined
}

/**
 * A folder of Parquet parts with a commit log in `_tidegate/log`. Readers may use the log or any glob, `**` included:
 * nothing uncommitted ever has a name that a data glob matches.
 *
 * Opening touches nothing. Call `recover` before other work.
 *
 * @throws LEDGER_PATH if a folder is not absolute, TARGET_UNSUPPORTED on Windows
 */
export async function openParquetFolder(options: ParquetFolderOptions): Promise<FolderDestination> {
  return openFolder(options, {
    kind: 'parquet',
    parts: true,
    compression: options.compression ?? 'zstd',
    onEntry: undefined,
    afterPublish: async () => undefined,
  })
}
