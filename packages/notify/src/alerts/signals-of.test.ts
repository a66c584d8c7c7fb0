import { expect, test } from 'vitest'
import { signalsOf, type EndedRun } from './signals-of.ts'

const FILE = { path: 'a.csv', dataset: 'orders', score: 90, reasons: [] }

function ended(fields: Partial<EndedRun['run']> = {}, rest: Partial<Omit<EndedRun, 'run'>> = {}): EndedRun {
  return {
    run: {
      id: 'r1',
      command: 'ingest',
      source: 'orders',
      status: 'ok',
      startedAtMs: 1000,
      endedAtMs: 2000,
      filesLoaded: 0,
      filesFailed: 0,
      errorCode: null,
      ...fields,
    },
    held: [],
    stillHeld: [],
    arrived: { files: 0, bytes: 0 },
    outputs: [],
    schemaChanges: [],
    ...rest,
  }
}

const said = (run: EndedRun): readonly string[] => signalsOf(run).map(({ effect, kind }) => `${effect} ${kind}`)
const OVER = ['gate_failed', 'file_quarantined', 'run_failed', 'job_dead', 'schedule_missed'].map(
  (kind) => `resolve ${kind}`,
)

test('a run that found nothing new ends failures, and raises nothing', () => {
  expect(said(ended({ status: 'nothing-new' }))).toEqual(OVER)
})

test('a run that loaded ends what was late, and tells what came and went', () => {
  const outputs = [{ dataset: 'orders', files: 2, rows: 20 }]
  const run = ended({ filesLoaded: 2 }, { arrived: { files: 3, bytes: 9 }, outputs })
  expect(said(run)).toEqual([
    ...OVER,
    'resolve stale',
    'resolve schema_changed',
    'news file_arrived',
    'news output_generated',
  ])
})

test('a failed gate is raised for each dataset, and no resolution touches what is held', () => {
  const held = [FILE, { ...FILE, path: 'b.csv', dataset: 'lines' }, { ...FILE, path: 'c.csv' }]
  const signals = signalsOf(ended({ status: 'gate-failed' }, { held, stillHeld: ['old'] }))
  expect(signals.filter(({ effect }) => effect === 'raise').map(({ kind, dataset }) => [kind, dataset])).toEqual([
    ['gate_failed', 'orders'],
    ['file_quarantined', 'orders'],
    ['gate_failed', 'lines'],
    ['file_quarantined', 'lines'],
  ])
  const spared = signals.flatMap(({ effect, detail }) =>
    effect === 'resolve' && 'except' in detail ? [detail['except']] : [],
  )
  expect(spared).toEqual([
    ['lines', 'old', 'orders'],
    ['lines', 'old', 'orders'],
  ])
  expect(new Set(signals.map(({ key }) => key)).size).toBe(signals.length)
})

test('a run that failed raises that, and ends nothing', () => {
  expect(said(ended({ status: 'failed', errorCode: 'ENGINE_CRASHED' }))).toEqual(['raise run_failed'])
  expect(said(ended({ status: 'partial', filesFailed: 2 }))).toEqual([
    'raise run_failed',
    'resolve gate_failed',
    'resolve file_quarantined',
  ])
})

test('an interrupted run says nothing: another one continues it', () => {
  expect(said(ended({ status: 'interrupted' }, { held: [FILE] }))).toEqual([])
})

test('the same run says the same with the same keys', () => {
  const run = ended({ status: 'gate-failed' }, { held: [FILE] })
  expect(signalsOf(run)).toEqual(signalsOf(run))
})

test('files that wait for a contract fail the gate without a dataset, which nothing resolves meanwhile', () => {
  const signals = signalsOf(ended({ status: 'gate-failed' }))
  expect(signals[0]).toMatchObject({ kind: 'gate_failed', effect: 'raise', dataset: null })
  expect(signals.find(({ kind, effect }) => kind === 'gate_failed' && effect === 'resolve')?.detail['except']).toEqual([
    '',
  ])
})
