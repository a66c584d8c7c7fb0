import path from 'node:path'
import type { PipelineEffects, ProgressEvent } from '@tidegate/pipeline'
import { memoryBudgetBytes, startEngine } from '@tidegate/duckdb'
import { localStore } from '@tidegate/storage'
import { openWorkFolder } from './work-folder.ts'

export type BareEffects = Pick<
  PipelineEffects,
  'store' | 'clock' | 'signal' | 'report' | 'openSession' | 'openWorkFolder'
>

export interface BareOptions {
  /** Where converted and spilled data goes; undefined where nothing will be converted. */
  readonly tempDirectory: string | undefined
  /** The only folders the engine may touch. */
  readonly folders: readonly string[]
  readonly report: (event: ProgressEvent) => void
  readonly signal: AbortSignal
}

/** Effects without a project: no configuration, no state, nothing written but below `tempDirectory`. */
export function openBareEffects(options: BareOptions): { readonly effects: BareEffects; close(): Promise<void> } {
  const { tempDirectory, report, signal } = options
  const engine = startEngine({
    memoryLimitBytes: Math.floor(memoryBudgetBytes() * 0.8),
    allowedDirectories: options.folders,
    ...(tempDirectory === undefined ? {} : { tempDirectory: path.join(tempDirectory, 'engine') }),
  })
  return {
    effects: {
      store: localStore(),
      clock: { nowMs: () => Date.now() },
      signal,
      report,
      openSession: () => engine.openSession(),
      openWorkFolder: (name) => openWorkFolder(path.join(tempDirectory ?? '', 'work'), name),
    },
    close: () => engine.close(),
  }
}
