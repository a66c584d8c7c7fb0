/** What docs/observability tells a user to preload, of the pieces that his SDK is made of: sends by OTLP over HTTP. */
import { trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { TracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace'

const provider = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })] })
trace.setGlobalTracerProvider(provider)
process.once('beforeExit', () => void provider.shutdown())
