import type { ChannelConfig, Config, HistoryReader, OutboxNotice } from '@tidegate/core'
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
  const runs = await history.listRuns({ source: report.source, limit: 2 })
  const previous = runs.find((run) => run.id !== report.run)
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

function channelsNamed(config: Config, names: readonly string[]): readonly ChannelConfig[] {
  return config.channels.filter((channel) => names.includes(channel.name))
}
