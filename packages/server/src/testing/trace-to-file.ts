/** What a user preloads to trace: an SDK, here one that writes each span as a line to the file in `OTEL_TEST_FILE`. */
import { appendFileSync } from 'node:fs'
import { trace } from '@opentelemetry/api'
import { BasicTracerProvider, SimpleSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace-base'

const file = process.env['OTEL_TEST_FILE']
if (file !== undefined) {
  const write = ({ name, parentSpanContext, attributes }: ReadableSpan): void =>
    appendFileSync(
      file,
      `${JSON.stringify({ name, parent: parentSpanContext?.spanId, trace: parentSpanContext?.traceId, attributes })}\n`,
    )
  const exporter = {
    export(spans: readonly ReadableSpan[], done: (result: { code: number }) => void): void {
      for (const span of spans) write(span)
      done({ code: 0 })
    },
    shutdown: () => Promise.resolve(),
  }
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
}
