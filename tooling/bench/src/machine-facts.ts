import { availableParallelism, cpus, totalmem } from 'node:os'
import { ENGINE_LIMITS, type BareEngine } from './bare-engine.ts'

export interface MachineFacts {
  readonly processor: string
  readonly cores: number
  readonly memoryGiB: number
  readonly node: string
  readonly duckdb: string
  readonly engineThreads: number
  readonly engineMemoryMiB: number
}

/** Without them a number means nothing. */
export async function machineFacts(engine: BareEngine): Promise<MachineFacts> {
  const [row] = await engine.run('SELECT version()')
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    duckdb: String(row?.[0]),
    engineThreads: ENGINE_LIMITS.threads,
    engineMemoryMiB: Math.floor(ENGINE_LIMITS.memoryLimitBytes / 2 ** 20),
  }
}
