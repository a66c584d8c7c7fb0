/**
 * The sweep of `clean_source`: archives or deletes source files that every target has had for as long as the retention says.
 *
 *   (1) Only a file whose bytes are loaded in each target goes: held, skipped and failed files stay.   [cleanable]
 *   (2) The commit is asked for in the target itself, and not only in the state's index.              [isCommitted]
 *   (3) Only bytes that are still those of the version go.                                   [SourceCleaner]
 */
import type { CleanableFile, Destination, FileRecord, SourceConfig, SourceFile } from '@tidegate/core'
import type { PipelineEffects } from './effects.ts'
import type { OpenTarget } from './open-targets.ts'
import { listPages } from './survey-source.ts'

export interface CleanReport {
  readonly cleaned: number
  /** Loaded, past their retention, and changed or linked: left where they are. */
  readonly left: number
}

type CleanEffects = Pick<PipelineEffects, 'cleaner' | 'store' | 'ledger' | 'clock' | 'mark' | 'report' | 'signal'>

/** The sweep within a run that has the source's targets open. Does nothing with `clean_source: off`. */
export async function cleanSource(
  source: SourceConfig,
  targets: readonly OpenTarget[],
  exclude: readonly string[],
  effects: CleanEffects,
): Promise<CleanReport> {
  const { cleanSource: settings } = source
  if (settings.mode === 'off') return { cleaned: 0, left: 0 }
  const proof = openProof(targets)
  let cleaned = 0
  let left = 0
  const latestMs = effects.clock.nowMs() - settings.afterMs
  for await (const page of listPages(source, { exclude }, { ...effects, report: () => {} })) {
    const files = page.flatMap((item) => (item.kind === 'file' ? [item.file] : []))
    const known = await effects.ledger.versionsOf(
      source.name,
      files.map((file) => file.path),
    )
    for (const listed of files) {
      effects.signal.throwIfAborted()
      const records = cleanable(listed, known.get(listed.path) ?? [], targets, latestMs)
      const [first] = records
      if (first === undefined || !(await proof.holds(records))) continue
      const file: CleanableFile = { ...listed, stamp: first.stamp, contentHash: first.hash }
      const outcome =
        settings.mode === 'archive' && settings.to !== undefined
          ? await effects.cleaner.archive(file, settings.to)
          : await effects.cleaner.delete(file)
      if (outcome.kind === 'cleaned') cleaned += 1
      else if (outcome.because !== 'gone') left += 1
    }
  }
  if (cleaned > 0) effects.mark('cleaned', { source: source.name })
  return { cleaned, left }
}

/** The sweep on its own, for `maintain`. The caller holds the source's lease. */
export async function sweepSource(
  source: SourceConfig,
  exclude: readonly string[],
  effects: CleanEffects & Pick<PipelineEffects, 'openDestination'>,
): Promise<CleanReport> {
  if (source.cleanSource.mode === 'off') return { cleaned: 0, left: 0 }
  const datasets = new Set((await effects.ledger.knownDatasets(source.name)).map(({ dataset }) => dataset))
  const opened: Destination[] = []
  try {
    const targets: OpenTarget[] = []
    for (const target of source.targets) {
      const destinations = new Map<string, Destination>()
      for (const dataset of datasets) {
        const destination = await effects.openDestination({ ...source, target }, dataset, { onMissing: 'fail' })
        opened.push(destination)
        destinations.set(dataset, destination)
      }
      const locations = new Set([...destinations.values()].map(({ location }) => location))
      targets.push({ source: { ...source, target }, destinations, locations })
    }
    return await cleanSource(source, targets, exclude, effects)
  } finally {
    for (const destination of opened) await destination.close()
  }
}

/** The commits that loaded a file as it is now, one per target; none where one is missing or too young. */
function cleanable(
  file: SourceFile,
  versions: readonly FileRecord[],
  targets: readonly OpenTarget[],
  latestMs: number,
): readonly FileRecord[] {
  const records = targets.flatMap(({ locations }) => {
    const newest = versions.findLast((version) => locations.has(version.location))
    const isDone = newest?.outcome === 'loaded' && newest.stamp === file.stamp && newest.decidedAtMs <= latestMs
    return isDone ? [newest] : []
  })
  return records.length === targets.length ? records : []
}

interface Proof {
  holds(records: readonly FileRecord[]): Promise<boolean>
}

/** Asks each batch once. */
function openProof(targets: readonly OpenTarget[]): Proof {
  const destinations = new Map(
    targets.flatMap((target) => [...target.destinations.values()].map((one) => [one.location, one] as const)),
  )
  const asked = new Map<string, Promise<boolean>>()
  const isCommitted = ({ location, batch }: FileRecord): Promise<boolean> => {
    const key = `${location}\0${batch}`
    const known = asked.get(key)
    if (known !== undefined) return known
    const answer = lookUp(destinations.get(location), batch)
    asked.set(key, answer)
    return answer
  }
  return {
    async holds(records) {
      for (const record of records) if (!(await isCommitted(record))) return false
      return true
    },
  }
}

async function lookUp(destination: Destination | undefined, batch: string): Promise<boolean> {
  return destination !== undefined && (await destination.lookup(batch)) !== undefined
}
