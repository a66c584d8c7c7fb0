/**
 * Spans of attempts through the OpenTelemetry API alone: without an SDK (the user's, by `--import`) they cost nothing. The
 * attempt's process is told its parent in W3C's `traceparent`, whatever propagators are set up.
 */
import {
  INVALID_SPAN_CONTEXT,
  ROOT_CONTEXT,
  SpanStatusCode,
  isSpanContextValid,
  trace,
  type Context,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api'
import type { AttemptOutcome, AttemptRecord, JobRecord } from '@tidegate/core'

export interface AttemptSpan {
  /** Undefined where nobody traces. */
  readonly traceparent: string | undefined
  end(outcome: AttemptOutcome, errorCode: string | null): void
}

/** The span `tidegate.run` of one attempt. */
export function beginAttemptSpan(job: JobRecord, attempt: AttemptRecord): AttemptSpan {
  const span = tracer().startSpan('tidegate.run', {
    startTime: attempt.startedAtMs,
    attributes: {
      'tidegate.job': job.id,
      'tidegate.run': attempt.run,
      'tidegate.attempt': attempt.attempt,
      'tidegate.command': job.command,
      'tidegate.source': job.source,
      'tidegate.trigger': job.trigger,
    },
  })
  return {
    traceparent: renderTraceparent(span.spanContext()),
    end(outcome, errorCode) {
      span.setAttribute('tidegate.outcome', outcome)
      if (errorCode !== null) span.setAttribute('error.type', errorCode)
      if (outcome === 'failed' || outcome === 'expired')
        span.setStatus({ code: SpanStatusCode.ERROR, message: errorCode ?? outcome })
      span.end()
    },
  }
}

export function tracer(): Tracer {
  return trace.getTracer('tidegate')
}

export function renderTraceparent(span: SpanContext): string | undefined {
  if (!isSpanContextValid(span)) return undefined
  return `00-${span.traceId}-${span.spanId}-${(span.traceFlags & 0xff).toString(16).padStart(2, '0')}`
}

/** The context of a span of another process; the root where the text is none. */
export function contextOf(traceparent: string | undefined): Context {
  const match = /^00-(?<traceId>[0-9a-f]{32})-(?<spanId>[0-9a-f]{16})-(?<flags>[0-9a-f]{2})$/.exec(traceparent ?? '')
  const { traceId, spanId, flags } = match?.groups ?? {}
  const span: SpanContext =
    traceId === undefined || spanId === undefined
      ? INVALID_SPAN_CONTEXT
      : { traceId, spanId, traceFlags: Number.parseInt(flags ?? '00', 16), isRemote: true }
  return isSpanContextValid(span) ? trace.setSpanContext(ROOT_CONTEXT, span) : ROOT_CONTEXT
}
