/** What is to be done with each file that is new, when all of them are known. */
import type { FileRecord, FileVersion, SourceConfig } from '@tidegate/core'
import { judgeBytes, type Expected } from './control-file.ts'
import { folderOf } from './dataset-of.ts'
import { decideTreatments, type Candidate, type Treatment, type WorkItem } from './decide-treatment.ts'
import type { Identity } from './identify.ts'
import type { Knowledge } from './knowledge.ts'
import type { PlanOptions } from './plan-source.ts'
import { unitWaits, type WaitingFile } from './readiness.ts'
import { decideResends } from './resend.ts'

export interface DecidedWork {
  readonly work: readonly WorkItem[]
  readonly waiting: readonly WaitingFile[]
}

export async function decideWork(
  identified: ReadonlyMap<string, Identity>,
  knowledge: Knowledge,
  source: SourceConfig,
  expected: ReadonlyMap<string, Expected>,
  options: Pick<PlanOptions, 'existingUntilMs'>,
): Promise<DecidedWork> {
  // Of two files with the same bytes, the one that was there first is the original.
  const fresh = [...identified.values()]
    .filter((identity) => identity.kind === 'version')
    .toSorted((a, b) => a.version.modifiedAtMs - b.version.modifiedAtMs || (a.version.path < b.version.path ? -1 : 1))
  if (fresh.length === 0) return { work: [], waiting: [] }
  const resends =
    source.resend === undefined
      ? undefined
      : await decideResends(
          fresh.map(({ version }) => version),
          knowledge,
          source.resend,
        )
  const waiting: WaitingFile[] = []
  const candidates = fresh.flatMap((identity): readonly Candidate[] => {
    const { version, again } = identity
    const settled = settledBefore(version, expected.get(version.path), options.existingUntilMs)
    const resend = resends?.get(version.path)
    if (resend?.kind === 'wait') {
      if (settled === undefined && !again) {
        waiting.push({ file: version, reason: resend.reason })
        return []
      }
    }
    const candidate: Candidate = {
      ...identity,
      expected: expected.get(version.path),
      unit: source.ready.unit === 'folder' ? folderOf(version.path) : undefined,
      resend: resend?.kind === 'wait' ? undefined : resend,
      settled,
    }
    return [candidate]
  })
  const live = byHash(await knowledge.liveByHash([...new Set(fresh.map(({ version }) => version.contentHash))]))
  const work = decideTreatments(candidates, live, source).toSorted((a, b) => (a.version.path < b.version.path ? -1 : 1))
  return waitForRefused(work, waiting)
}

/** Where a person has to decide over a file, the rest of its unit waits. */
function waitForRefused(work: readonly WorkItem[], waiting: readonly WaitingFile[]): DecidedWork {
  const culprits = new Map(
    work.flatMap(({ unit, treatment, version }) =>
      unit !== undefined && treatment.kind === 'refuse' ? [[unit, version.path] as const] : [],
    ),
  )
  if (culprits.size === 0) return { work, waiting }
  const waits = ({ unit, treatment }: WorkItem): boolean =>
    unit !== undefined && culprits.has(unit) && treatment.kind !== 'refuse'
  const late = work.filter(waits).map(({ version, unit }) => ({
    file: version,
    reason: unitWaits(culprits.get(unit ?? '') ?? ''),
  }))
  return { work: work.filter((item) => !waits(item)), waiting: [...waiting, ...late] }
}

function settledBefore(
  version: FileVersion,
  expected: Expected | undefined,
  existingUntilMs: number | undefined,
): Treatment | undefined {
  if (existingUntilMs !== undefined && version.modifiedAtMs <= existingUntilMs) {
    const message = 'it was there before the first run (include_existing: false)'
    return { kind: 'skip', reason: { check: 'FILE_EXISTING', severity: 'info', message } }
  }
  const wrong = expected === undefined ? undefined : judgeBytes(expected, version)
  return wrong === undefined ? undefined : { kind: 'hold', reason: wrong }
}

function byHash(records: readonly FileRecord[]): Map<string, FileRecord> {
  const live = new Map<string, FileRecord>()
  for (const record of records) {
    live.set(`${record.dataset}\0${record.hash}`, record)
    // What was read of a damaged file can be, byte for byte, the sound file that comes later.
    if (record.repair !== undefined) live.set(`${record.dataset}\0${record.repair.repairedSha256}`, record)
  }
  return live
}
