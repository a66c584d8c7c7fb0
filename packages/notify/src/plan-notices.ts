import type { ChannelConfig, OutboxNotice, RunRecord, RunStatus } from '@tidegate/core'
import { composeNotice, digest } from './compose-notice.ts'
import { noticePayload, type NoticeEvent, type NoticeFile } from './notice.ts'

/** What a run came to, as far as people are told of it. */
export interface NoticeableRun {
  readonly run: Pick<
    RunRecord,
    'id' | 'source' | 'status' | 'startedAtMs' | 'endedAtMs' | 'filesLoaded' | 'filesFailed' | 'errorCode'
  >
  /** Files that the gate held in this run. */
  readonly held: readonly NoticeFile[]
  /** How the run before ended; null when there was none. Tells a recovery. */
  readonly previousStatus: RunStatus | null
  /** The source was late until this run loaded something. @defaultValue false */
  readonly wasStale?: boolean | undefined
}

/** Events that channels can ask for in `on`. */
export const NOTICE_EVENTS: readonly NoticeEvent['kind'][] = [
  'gate_failed',
  'run_failed',
  'file_quarantined',
  'recovered',
  'stale',
]

/**
 * The notices of one run for these channels (those that the source names in `notify`), ready for the outbox: one per event
 * and channel that asks for it. A channel told of a failed gate is not told of the same files' quarantine again.
 */
export function planNotices(
  outcome: NoticeableRun,
  channels: readonly Pick<ChannelConfig, 'name' | 'on'>[],
): readonly OutboxNotice[] {
  return addressNotices(eventsOf(outcome), channels)
}

/** Like {@link planNotices}, for events found elsewhere, such as `stale`. */
export function addressNotices(
  events: readonly NoticeEvent[],
  channels: readonly Pick<ChannelConfig, 'name' | 'on'>[],
): readonly OutboxNotice[] {
  return channels.flatMap(({ name, on }) => {
    const wanted = events.filter(({ kind }) => on.includes(kind))
    const toldOfGate = wanted.some(({ kind }) => kind === 'gate_failed')
    return wanted
      .filter(({ kind }) => !(toldOfGate && kind === 'file_quarantined'))
      .map((event) => toOutbox(event, name))
  })
}

function eventsOf({ run, held, previousStatus, wasStale }: NoticeableRun): readonly NoticeEvent[] {
  const base = { source: run.source, run: run.id, atMs: run.endedAtMs ?? run.startedAtMs }
  const events: NoticeEvent[] = []
  if (run.status === 'gate-failed') events.push({ kind: 'gate_failed', ...base, files: held })
  if (run.status === 'failed' || (run.status === 'partial' && run.filesFailed > 0)) {
    events.push({
      kind: 'run_failed',
      ...base,
      code: run.errorCode ?? 'FILES_FAILED',
      partly: run.status === 'partial',
      filesFailed: run.filesFailed,
    })
  }
  if (held.length > 0) events.push({ kind: 'file_quarantined', ...base, files: held })
  const from = recoveredFrom(run.status, previousStatus, wasStale ?? false)
  if (from !== undefined) events.push({ kind: 'recovered', ...base, from, filesLoaded: run.filesLoaded })
  return events
}

/** A run that found nothing new ends a failure, but not a failed gate: the held files are where they were. */
function recoveredFrom(
  status: RunStatus,
  previous: RunStatus | null,
  wasStale: boolean,
): 'gate_failed' | 'run_failed' | 'stale' | undefined {
  if (status !== 'ok' && status !== 'nothing-new') return undefined
  if (previous === 'failed' || previous === 'partial') return 'run_failed'
  if (status !== 'ok') return undefined
  if (previous === 'gate-failed') return 'gate_failed'
  return wasStale ? 'stale' : undefined
}

function toOutbox(event: NoticeEvent, channel: string): OutboxNotice {
  const notice = composeNotice(event)
  return {
    key: `tg_${digest([notice.key, channel])}`,
    channel,
    event: event.kind,
    payload: noticePayload(notice),
    createdAtMs: event.atMs,
  }
}
