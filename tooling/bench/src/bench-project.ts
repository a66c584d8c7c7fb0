import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { stringifyJson, type Contract } from '@tidegate/core'

export interface BenchProject {
  readonly directory: string
  /** Where its one source, `feed`, finds files. */
  readonly landing: string
  readonly target: string
}

/** A project with one source. `landing` may lie elsewhere, shared by many projects. */
export function makeBenchProject(
  directory: string,
  contract: Contract,
  options: { readonly landing: string; readonly onFail?: 'quarantine' | 'split' },
): BenchProject {
  mkdirSync(path.join(directory, 'contracts'), { recursive: true })
  const config = {
    version: 1,
    sources: {
      feed: {
        path: `${options.landing}/*.parquet`,
        format: 'parquet',
        contract: 'contracts/feed.yaml',
        ready: { settle: '0s' },
        gate: { on_fail: options.onFail ?? 'quarantine' },
        quarantine: { path: 'quarantine/feed' },
        target: { layer: 'raw', kind: 'parquet', path: 'lake/feed' },
      },
    },
  }
  // JSON is YAML, and our configuration accepts it.
  writeFileSync(path.join(directory, 'tidegate.yaml'), JSON.stringify(config, null, 2))
  writeFileSync(path.join(directory, 'contracts', 'feed.yaml'), stringifyJson({ ...contract, contract: 'feed' }, 2))
  return { directory, landing: options.landing, target: path.join(directory, 'lake', 'feed') }
}

/** Gives a file an age, as files have that were not written just now. */
export function age(file: string): void {
  const anHourAgo = Date.now() / 1000 - 3600
  utimesSync(file, anHourAgo, anHourAgo)
}
