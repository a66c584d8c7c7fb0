/** The engines that work is done by, and whether they answer. So far one: DuckDB in a child process of each run. */
import os from 'node:os'
import { codeOf, messageOf, TidegateError, type Config } from '@tidegate/core'
import { memoryBudgetBytes, startEngine } from '@tidegate/duckdb'

export interface EngineInfo {
  readonly name: string
  readonly kind: 'duckdb'
  /** `embedded`: on the daemon's machine. */
  readonly place: 'embedded'
  /** Of one run, this process and the engine together. */
  readonly memoryBytes: number
  readonly cores: number
  /** Where it spills what does not fit into memory. */
  readonly tempDirectory: string
  /** Runs at the same time. */
  readonly maxRuns: number
}

export type EngineTest =
  | {
      readonly name: string
      readonly ok: true
      readonly version: string
      /** As the engine says it: `4.0 GiB`. */
      readonly memoryLimit: string
      readonly threads: number
      /** To start it. */
      readonly startMs: number
      /** Of a small query, once it runs. */
      readonly queryMs: number
    }
  | { readonly name: string; readonly ok: false; readonly errorCode: string; readonly errorMessage: string }

export function readEngines(config: Config): readonly EngineInfo[] {
  const budget = memoryBudgetBytes(config.limits.memoryBytes)
  return [
    {
      name: 'duckdb',
      kind: 'duckdb',
      place: 'embedded',
      memoryBytes: Math.floor(config.limits.memoryBytes === undefined ? budget / config.server.maxRuns : budget),
      cores: os.availableParallelism(),
      tempDirectory: config.limits.tempDirectory,
      maxRuns: config.server.maxRuns,
    },
  ]
}

/** Starts the engine, asks it something, ends it. What it says of itself is an answer, that it does not answer, too. @throws `ENGINE_UNKNOWN` */
export async function testEngine(config: Config, name: string): Promise<EngineTest> {
  const info = readEngines(config).find((engine) => engine.name === name)
  if (info === undefined) {
    throw new TidegateError('ENGINE_UNKNOWN', `there is no engine ${JSON.stringify(name.slice(0, 100))}`, {
      hint: `Engines: ${readEngines(config)
        .map((engine) => engine.name)
        .join(', ')}.`,
    })
  }
  const startedMs = performance.now()
  // Without a temp folder it spills nothing, and nothing is to be cleaned up.
  const engine = startEngine({ memoryLimitBytes: Math.floor(info.memoryBytes * 0.8), allowedDirectories: [] })
  try {
    const session = await engine.openSession()
    const openMs = performance.now()
    const sql = `SELECT version(), current_setting('memory_limit'), current_setting('threads'), (SELECT sum(range) FROM range(100000))`
    const [row] = (await session.query(sql)).rows
    const endMs = performance.now()
    return {
      name,
      ok: true,
      version: String(row?.[0]),
      memoryLimit: String(row?.[1]),
      threads: Number(row?.[2]),
      startMs: Math.round(openMs - startedMs),
      queryMs: Math.round(endMs - openMs),
    }
  } catch (error) {
    return { name, ok: false, errorCode: codeOf(error) ?? 'INTERNAL', errorMessage: messageOf(error) }
  } finally {
    await engine.close()
  }
}
