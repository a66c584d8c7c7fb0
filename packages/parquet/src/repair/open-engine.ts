import type { Session } from '@tidegate/core'
import { codeOf } from '@tidegate/core'

export interface EngineChoice {
  /** `child`: in a process of its own. `here`: in this process, for one that is a throw-away child already. */
  readonly place: 'child' | 'here'
  /** @defaultValue 512 MiB */
  readonly memoryBytes?: number | undefined
}

/** DuckDB, shut in these folders; undefined where `@tidegate/duckdb` is not installed. */
export async function openEngine(
  choice: EngineChoice,
  folders: readonly string[],
  spillFolder: string,
): Promise<Session | undefined> {
  const duckdb = await import('@tidegate/duckdb').catch((error: unknown) => {
    if (codeOf(error) === 'ERR_MODULE_NOT_FOUND') return undefined
    throw error
  })
  if (duckdb === undefined) return undefined
  const settings = {
    threads: 1,
    memoryLimitBytes: choice.memoryBytes ?? 2 ** 29,
    tempDirectory: spillFolder,
    allowedDirectories: folders,
  }
  if (choice.place === 'here') return await duckdb.openDuckDB(settings)
  const engine = duckdb.startEngine(settings)
  try {
    const session = await engine.openSession()
    return { ...session, close: async () => await engine.close() }
  } catch (error) {
    await engine.close()
    throw error
  }
}
