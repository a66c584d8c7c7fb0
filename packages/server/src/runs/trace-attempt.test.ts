import diagnostics from 'node:diagnostics_channel'
import { trace } from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { AttemptRecord, JobRecord } from '@tidegate/core'
import { afterEach, expect, test } from 'vitest'
import { newJob } from '../testing/runner-bench.ts'
import { beginAttemptSpan, contextOf } from './trace-attempt.ts'
import { tracePhases } from './trace-phases.ts'

const job = newJob('j1', { source: 'orders' }) as JobRecord
const attempt: AttemptRecord = {
  job: 'j1',
  attempt: 2,
  run: 'r2',
  owner: 'o',
  startedAtMs: 1_000_000,
  heartbeatAtMs: 0,
  endedAtMs: null,
  outcome: 'running',
  errorCode: null,
  errorMessage: null,
}

const FROM_S = 1_800_000_000
const FROM_MS = FROM_S * 1000

function traced(): InMemorySpanExporter {
  const exporter = new InMemorySpanExporter()
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
  return exporter
}
afterEach(() => trace.disable())

test('an attempt is a span with its names and outcome, and a failed one is an error', () => {
  const exporter = traced()
  const span = beginAttemptSpan(job, attempt)
  span.end('failed', 'ENGINE_SQL')
  expect(exporter.getFinishedSpans()).toMatchObject([
    {
      name: 'tidegate.run',
      startTime: [1000, 0],
      status: { code: 2, message: 'ENGINE_SQL' },
      attributes: {
        'tidegate.job': 'j1',
        'tidegate.run': 'r2',
        'tidegate.attempt': 2,
        'tidegate.source': 'orders',
        'tidegate.outcome': 'failed',
        'error.type': 'ENGINE_SQL',
      },
    },
  ])
})

test('phases are its children, each from the mark before it, over what the process was told', () => {
  const exporter = traced()
  const span = beginAttemptSpan(job, attempt)
  let nowMs = FROM_MS
  const end = tracePhases('test:phase', span.traceparent, () => nowMs)
  for (const [phase, atMs] of [
    ['leased', FROM_MS + 100],
    ['staged', FROM_MS + 400],
  ] as const) {
    nowMs = atMs
    diagnostics.channel('test:phase').publish({ phase, batch: 'b1' })
  }
  end()
  diagnostics.channel('test:phase').publish({ phase: 'late' })
  span.end('ok', null)
  const spans = exporter.getFinishedSpans()
  expect(spans.map(({ name }) => name)).toEqual(['tidegate.leased', 'tidegate.staged', 'tidegate.run'])
  const [leased, staged, run] = spans
  expect([leased?.startTime, leased?.endTime]).toEqual([[FROM_S, 0], [FROM_S, 100_000_000]]) // prettier-ignore
  expect([staged?.startTime, staged?.endTime]).toEqual([[FROM_S, 100_000_000], [FROM_S, 400_000_000]]) // prettier-ignore
  for (const child of [leased, staged]) {
    expect(child?.parentSpanContext?.spanId).toBe(run?.spanContext().spanId)
    expect(child?.spanContext().traceId).toBe(run?.spanContext().traceId)
    expect(child?.attributes).toEqual({ 'tidegate.batch': 'b1' })
  }
})

test('where nobody traces, a process is told nothing; what is no trace parent is none', () => {
  expect(beginAttemptSpan(job, attempt).traceparent).toBeUndefined()
  for (const text of [
    undefined,
    '',
    'x',
    `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`,
    `00-${'a'.repeat(32)}-${'1'.repeat(16)}`,
  ])
    expect(trace.getSpanContext(contextOf(text))).toBeUndefined()
})
