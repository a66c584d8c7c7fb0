import { expect, test } from 'vitest'
import type { AttemptEvent } from './attempt-protocol.ts'
import { MOST_NOTES, openMeter, type ProgressMeter } from './progress-meter.ts'

function meterAt(clock: { nowMs: number }): { readonly meter: ProgressMeter; readonly told: AttemptEvent[] } {
  const told: AttemptEvent[] = []
  return { told, meter: openMeter(500, () => clock.nowMs, (events) => void told.push(...events)) } // prettier-ignore
}

test('ten thousand steps within a second become three events, and their sums are whole', () => {
  const clock = { nowMs: 0 }
  const { meter, told } = meterAt(clock)
  meter.hear({ kind: 'stage-started', stage: 'load', files: 10_000 })
  for (let step = 0; step < 10_000; step += 1) {
    clock.nowMs = step / 10
    meter.hear({ kind: 'stage-advanced', stage: 'load', files: 1, rows: 3, bytes: 7 })
  }
  meter.flush()
  expect(told).toHaveLength(3)
  expect(told.at(-1)?.data).toEqual({
    stage: 'load',
    files: 10_000,
    rows: 30_000,
    bytes: 70_000,
    ofFiles: 10_000,
    ofBytes: null,
  })
})

test('the end of a stage is told at once with its sums, and only once', () => {
  const { meter, told } = meterAt({ nowMs: 0 })
  meter.hear({ kind: 'stage-started', stage: 'check' })
  meter.hear({ kind: 'stage-advanced', stage: 'check', rows: 5 })
  meter.hear({ kind: 'stage-ended', stage: 'check', summary: '5 rows' })
  meter.flush()
  expect(told.slice(1).map(({ data }) => data)).toEqual([
    { stage: 'check', files: 0, rows: 5, bytes: 0, ofFiles: null, ofBytes: null, isOver: true, summary: '5 rows' },
  ])
})

test('of a flood of notes the first are told, and of the rest how many there were', () => {
  const { meter, told } = meterAt({ nowMs: 0 })
  for (let note = 0; note < MOST_NOTES + 42; note += 1)
    meter.hear({ kind: 'note', level: 'warn', message: `note ${note}` })
  meter.flush()
  expect(told).toHaveLength(MOST_NOTES + 1)
  expect(told.at(-1)?.data).toEqual({ level: 'info', message: '42 more notes' })
})
