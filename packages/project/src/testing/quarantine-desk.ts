/** A project that stays open, for tests that work on its quarantine again and again. It uses the children of its bench. */
import { ingestSource, type QuarantineReport, type QuarantineRequest, type SourceReport } from '@tidegate/pipeline'
import type { SourceConfig } from '@tidegate/core'
import type { Project } from '../open-project.ts'
import { listRecords, settleRecords, type ListedRecord } from '../quarantine-loop.ts'
import type { TempProject } from './temp-project.ts'

export interface QuarantineDesk extends AsyncDisposable {
  readonly project: Project
  ingest(): Promise<SourceReport>
  /** Of all open records, or of those whose file is called so. */
  settle(action: QuarantineRequest['action'], more?: Partial<QuarantineRequest> & DeskChoice): Promise<QuarantineReport>
  open(): Promise<readonly ListedRecord[]>
}

export interface DeskChoice {
  readonly file?: string | undefined
  readonly source?: Partial<SourceConfig> | undefined
}

export async function openDesk(p: TempProject): Promise<QuarantineDesk> {
  const opened = await p.open()
  const project: Project = { ...opened, effects: { ...opened.effects, ...p.shared } }
  const [source] = project.config.sources
  if (source === undefined) throw new Error('no source')
  return {
    project,
    ingest: () =>
      ingestSource(source, { force: false, workers: 1, gate: {}, exclude: project.exclude }, project.effects),
    settle: (action, { file, source: laidOver = {}, ...more } = {}) =>
      settleRecords(
        project,
        { ...source, ...laidOver },
        { action, wants: (item) => file === undefined || item.file.startsWith(`s/${file}#`), ...more },
      ),
    open: () => listRecords(project, { status: 'open' }),
    [Symbol.asyncDispose]: () => project.close(),
  }
}

/** What became of each record, as `file: result rowsLoaded+rowsRejected+rowsDiscarded`. */
export function results({ items }: QuarantineReport): readonly string[] {
  return items.map(
    ({ file, result, rowsLoaded, rowsRejected, rowsDiscarded, problem }) =>
      `${file.slice(2)}: ${result} ${rowsLoaded}+${rowsRejected}+${rowsDiscarded}${problem === undefined ? '' : ` ${problem.code}`}`,
  )
}
