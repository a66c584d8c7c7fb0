/** The configuration in force: the sources of the file, and those that were made by API. */
import type { Config, IngestionRecord, SourceConfig } from '@tidegate/core'
import { defaultArrivals } from './build-daemon.ts'
import { newPlaceProblems, readIngestion, type ReadIngestion } from './build-ingestion.ts'
import type { Problem } from './problem.ts'
import { openSandbox } from './sandbox.ts'
import type { Tree } from './tree.ts'

export interface MergedConfig {
  readonly config: Config
  /** Ingestions that are hidden by a source of the file, or that do not fit it any more; they are left out. */
  readonly warnings: readonly Problem[]
}

/** Of two that fit the file but not each other, the first by name stays. */
export function withIngestions(
  config: Config,
  records: readonly Pick<IngestionRecord, 'id' | 'entry'>[],
): MergedConfig {
  const own = config.sources.filter(({ origin }) => origin === 'file')
  const base = { ...config, sources: own }
  const sandbox = openSandbox(base)
  const warnings: Problem[] = []
  const read: { readonly source: SourceConfig; readonly tree: Tree }[] = []
  for (const { id, entry } of records.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const one = own.some(({ name }) => name === id)
      ? leftOut(id, [HIDDEN])
      : leftOutOr(id, readIngestion(id, entry, base, sandbox))
    if ('severity' in one) warnings.push(one)
    else read.push(one)
  }
  const added = together(base, read, warnings)
  const sources = [...own, ...added]
  const arrivals = config.schedules.arrivals ?? defaultArrivals(sources)
  return { config: { ...config, sources, schedules: { ...config.schedules, arrivals } }, warnings }
}

type Ingestion = Extract<ReadIngestion, { readonly tree: Tree }>

const HIDDEN = { code: 'INGESTION_NAME', message: 'a source of the configuration file has its name' } as const

function leftOutOr(id: string, read: ReadIngestion): Ingestion | Problem {
  const errors = read.problems.filter(({ severity }) => severity === 'error')
  return read.source === undefined || errors.length > 0 ? leftOut(id, errors) : read
}

/** Mostly all go together, and that is one look; else they are added one by one. */
function together(
  base: Config,
  read: readonly { readonly source: SourceConfig; readonly tree: Tree }[],
  warnings: Problem[],
): readonly SourceConfig[] {
  const [first] = read
  if (first === undefined) return []
  const isWrong = ({ severity }: Problem): boolean => severity === 'error'
  const all = read.map(({ source }) => source)
  if (!newPlaceProblems(base, all, first.tree).some(isWrong)) return all
  const added: SourceConfig[] = []
  for (const { source, tree } of read) {
    const wrong = newPlaceProblems({ ...base, sources: [...base.sources, ...added] }, [source], tree).filter(isWrong)
    if (wrong.length === 0) added.push(source)
    else warnings.push(leftOut(source.name, wrong))
  }
  return added
}

function leftOut(id: string, [why]: readonly Pick<Problem, 'code' | 'message' | 'hint'>[]): Problem {
  return {
    code: why?.code ?? 'CONFIG_VALUE',
    severity: 'warning',
    message: `the ingestion ${id}, made by API, is left out: ${why?.message ?? 'it has problems'}`,
    file: `ingestion ${id}`,
    ...(why?.hint === undefined ? {} : { hint: why.hint }),
  }
}
