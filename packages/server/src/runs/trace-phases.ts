import diagnostics from 'node:diagnostics_channel'
import { trace } from '@opentelemetry/api'
import { contextOf, tracer } from './trace-attempt.ts'

/**
 * Child spans of an attempt, from the marks of the pipeline: a mark names the phase that was just completed, so its span
 * reaches back to the mark before. Returns what ends it.
 */
export function tracePhases(channel: string, traceparent: string | undefined, nowMs: () => number): () => void {
  const parent = contextOf(traceparent)
  if (trace.getSpanContext(parent) === undefined) return () => {}
  let sinceMs = nowMs()
  const onPhase = (message: unknown): void => {
    const { phase, ...detail } = message as { readonly phase: string } & Readonly<Record<string, string>>
    const endTime = nowMs()
    const attributes = Object.fromEntries(Object.entries(detail).map(([name, value]) => [`tidegate.${name}`, value]))
    tracer().startSpan(`tidegate.${phase}`, { startTime: sinceMs, attributes }, parent).end(endTime)
    sinceMs = endTime
  }
  diagnostics.subscribe(channel, onPhase)
  return () => void diagnostics.unsubscribe(channel, onPhase)
}
