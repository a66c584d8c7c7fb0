/** Where the page gets what it shows. One page, two hosts. */
import type { Capped, FileQuery, FileRecord } from '@tidegate/core'
import type { ReportData } from '@tidegate/monitor'

export interface DataSource {
  readonly host: 'file' | 'server'
  /** @param window - Only a server can reach further back than what it gave before. */
  load(window?: { readonly sinceMs: number; readonly untilMs: number }): Promise<ReportData>
  /** Lists of files: a server asks the state; a file has some of them and says of how many. */
  files(query: FileQuery): Promise<Capped<FileRecord>>
  /** Calls when something changed. Returns what ends it. */
  watch(onChange: () => void, onConnection: (connected: boolean) => void): () => void
}

/** A failure that is told to the reader as it is. */
export class LoadError extends Error {}

/** The server wants to know who asks. */
export class SignInNeeded extends LoadError {}

/** Anything that says it is a report is taken for one; everything else is refused in words. */
export function readReport(value: unknown, origin: string): ReportData {
  if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== 'tidegate-report') {
    throw new LoadError(`${origin} is no Tidegate report.`)
  }
  const report = value as ReportData
  if (report.reportVersion !== 1) {
    throw new LoadError(`${origin} was written by a newer Tidegate (report version ${String(report.reportVersion)}).`)
  }
  return report
}
