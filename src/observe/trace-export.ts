import { ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Config } from '../config.ts';
import { scrub } from './scrub.ts';
import { traceWith } from './tracing.ts';

/**
 * Sends spans from now on by OTLP over HTTP, some at a time and beside what is traced. A receiver that is away costs the spans alone.
 * @returns what sends the rest, and ends it
 */
export function startExport({
  endpoint,
  headers,
  service,
  share,
}: NonNullable<Config['traces']>): () => Promise<void> {
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, headers, timeoutMillis: 5_000 });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    // A trace is seen as a whole, or not at all.
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share) }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('broadsheet');
  traceWith({
    begin: (name, attributes, parent) =>
      tracer.startSpan(name, { attributes }, parent ? trace.setSpan(ROOT_CONTEXT, parent) : ROOT_CONTEXT),
    fail(span, words) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: scrub(words) });
    },
  });
  return async () => {
    traceWith(undefined);
    await provider.shutdown().catch(() => {});
  };
}
