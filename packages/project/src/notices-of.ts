import type { ChannelConfig, Config, HistoryReader, OutboxNotice, RunRecord } from '@tidegate/core'
import { planNotices } from '@tidegate/notify'
import type { SourceReport } from '@tidegate/pipeline'

/** The notices that the end of a run owes to the channels its source names. */
export async function noticesOf(
  report: SourceReport,
  config: Config,
  history: Pick<HistoryReader, 'listRuns'>,
): Promise<readonly OutboxNotice[]> {
  const source = config.sources.find((candidate) => candidate.name === report.source)
  const channels = channelsNamed(config, source?.notify ?? [])
  if (channels.length === 0) return []
  const previous = await previousOf(report.source, report.run, history)
  return planNotices(
    {
      run: {
        id: report.run,
        source: report.source,
        status: report.status,
        startedAtMs: report.startedAtMs,
        endedAtMs: report.endedAtMs,
        filesLoaded: report.totals.loaded,
        filesFailed: report.totals.failed,
        errorCode: report.error?.code ?? null,
      },
      held: report.files.filter((file) => file.status === 'held'),
      previousStatus: previous?.status ?? null,
    },
    channels,
  )
}

/**
 * The notices of a command over quarantine: that it failed, or that with it nothing is held any more. What is held still was
 * told when it was held, and who runs the command sees it.
 */
export async function noticesOfSettled(
  run: RunRecord,
  openRecords: number,
  config: Config,
  history: Pick<HistoryReader, 'listRuns'>,
): Promise<readonly OutboxNotice[]> {
  const source = config.sources.find((candidate) => candidate.name === run.source)
  const channels = channelsNamed(config, source?.notify ?? [])
  const isOver = run.status === 'ok' && openRecords === 0
  if (channels.length === 0 || (run.status !== 'failed' && !isOver)) return []
  const previous = await previousOf(run.source, run.id, history)
  return planNotices({ run, held: [], previousStatus: previous?.status ?? null }, channels)
}

const LATEST = 20

/** The run before that says how the source is: of commands over quarantine only those that left nothing behind do. */
async function previousOf(
  source: string,
  run: string,
  history: Pick<HistoryReader, 'listRuns'>,
): Promise<RunRecord | undefined> {
  const runs = await history.listRuns({ source, limit: LATEST })
  return runs.find(({ id, command, status }) => id !== run && (!BY_HAND.has(command) || status === 'ok'))
}

const BY_HAND: ReadonlySet<string> = new Set<RunRecord['command']>(['replay', 'release', 'discard'])

function channelsNamed(config: Config, names: readonly string[]): readonly ChannelConfig[] {
  return config.channels.filter((channel) => names.includes(channel.name))
}
