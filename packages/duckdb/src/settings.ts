import { quoteIdentifier, quoteLiteral } from './dialect.ts'

export interface EngineSettings {
  /** DuckDB's own limit; the process needs some more. @defaultValue 80 % of {@link memoryBudgetBytes} */
  readonly memoryLimitBytes?: number | undefined
  /** @defaultValue number of cores this process may use */
  readonly threads?: number | undefined
  /** Where it spills. @defaultValue a folder of its own in the system's temp folder */
  readonly tempDirectory?: string | undefined
  /** Folders it may read and write, with everything below them. Undefined: no restriction. */
  readonly allowedDirectories?: readonly string[] | undefined
}

/** Statements that put a fresh DuckDB instance under our rules. The last one makes them final. */
export function settingStatements(settings: EngineSettings): readonly string[] {
  const statements = [
    set('autoinstall_known_extensions', false),
    set('autoload_known_extensions', false),
    // It believes a local file by its size and the second of its last change: a file overwritten within that second would be
    // read as it was before, its hash taken of the new bytes.
    set('enable_external_file_cache', false),
    set('TimeZone', 'UTC'),
    set('Calendar', 'gregorian'),
    // The order of rows in a part is the order in the file: people diff them, and compression profits.
    set('preserve_insertion_order', true),
  ]
  if (settings.memoryLimitBytes !== undefined) {
    statements.push(set('memory_limit', `${Math.max(64, Math.floor(settings.memoryLimitBytes / 2 ** 20))}MiB`))
  }
  if (settings.threads !== undefined) statements.push(`SET threads = ${Math.max(1, Math.floor(settings.threads))}`)
  if (settings.tempDirectory !== undefined) statements.push(set('temp_directory', settings.tempDirectory))
  if (settings.allowedDirectories !== undefined) {
    const folders = [...settings.allowedDirectories]
    if (settings.tempDirectory !== undefined) folders.push(settings.tempDirectory)
    statements.push(
      `SET allowed_directories = [${folders.map((folder) => quoteLiteral(folder)).join(', ')}]`,
      set('enable_external_access', false),
      set('lock_configuration', true),
    )
  }
  return statements
}

function set(name: string, value: string | boolean): string {
  return `SET ${quoteIdentifier(name)} = ${quoteLiteral(value)}`
}
