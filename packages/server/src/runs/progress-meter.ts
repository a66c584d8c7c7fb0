/**
 * Progress of an attempt as events of its job: sums, at most one event per stage and `everyMs`, whatever the pipeline says
 * how often. Starts and ends of stages and notes are told at once; of notes at most `MOST_NOTES`, and then how many more.
 */
import type { JsonValue } from '@tidegate/core'
import type { ProgressEvent } from '@tidegate/pipeline'
import type { AttemptEvent } from './attempt-protocol.ts'

export interface ProgressMeter {
  hear(event: ProgressEvent): void
  /** Tells what was not told yet. */
  flush(): void
}

export const MOST_NOTES = 200

interface Sums {
  files: number
  rows: number
  bytes: number
  readonly ofFiles: number | null
  readonly ofBytes: number | null
  isTold: boolean
}

export function openMeter(
  everyMs: number,
  nowMs: () => number,
  send: (events: readonly AttemptEvent[]) => void,
): ProgressMeter {
  const stages = new Map<string, Sums>()
  let notes = 0
  let toldAtMs = -Infinity
  const event = (kind: AttemptEvent['kind'], data: Readonly<Record<string, JsonValue>>): AttemptEvent => ({
    atMs: nowMs(),
    kind,
    data,
  })
  const pending = (): AttemptEvent[] => {
    const events: AttemptEvent[] = []
    for (const [stage, sums] of stages) {
      if (sums.isTold) continue
      sums.isTold = true
      const { isTold: _isTold, ...data } = sums
      events.push(event('progress', { stage, ...data }))
    }
    return events
  }
  const tell = (more: readonly AttemptEvent[] = []): void => {
    const events = [...pending(), ...more]
    if (events.length === 0) return
    toldAtMs = nowMs()
    send(events)
  }
  return {
    hear(heard) {
      switch (heard.kind) {
        case 'stage-started': {
          const { stage, files, bytes } = heard
          stages.set(stage, {
            files: 0,
            rows: 0,
            bytes: 0,
            ofFiles: files ?? null,
            ofBytes: bytes ?? null,
            isTold: false,
          })
          break
        }
        case 'stage-advanced': {
          const sums = stages.get(heard.stage)
          if (sums === undefined) return
          sums.files += heard.files ?? 0
          sums.rows += heard.rows ?? 0
          sums.bytes += heard.bytes ?? 0
          sums.isTold = false
          break
        }
        case 'stage-ended': {
          const { stage, summary } = heard
          const last = stages.get(stage)
          stages.delete(stage)
          if (last === undefined) return
          const { isTold: _isTold, ...sums } = last
          return tell([event('progress', { stage, ...sums, isOver: true, summary })])
        }
        case 'note': {
          notes += 1
          if (notes > MOST_NOTES) return
          return tell([event('note', { level: heard.level, message: heard.message })])
        }
      }
      if (nowMs() - toldAtMs >= everyMs) tell()
    },
    flush() {
      const left = notes - MOST_NOTES
      notes = Math.min(notes, MOST_NOTES)
      tell(left > 0 ? [event('note', { level: 'info', message: `${left} more notes` })] : [])
    },
  }
}
