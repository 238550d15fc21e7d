import type { Span } from '@opentelemetry/api';
import type { Config } from '../config.ts';
import { scopeNow, within } from './scope.ts';

type Attributes = Record<string, string | number | boolean>;

interface Tracing {
  begin(name: string, attributes: Attributes, parent: Span | undefined): Span;
  /** Marks a span as failed, in words. */
  fail(span: Span, words: string): void;
}

let tracing: Tracing | undefined;

/** Where spans go from now on; undefined: nowhere, and they cost nothing. */
export function traceWith(given: Tracing | undefined): void {
  tracing = given;
}

/**
 * Begins to export traces where they are configured; what that takes is loaded only then.
 * @returns what sends the rest, and ends it
 */
export async function startTracing({ traces }: Pick<Config, 'traces'>): Promise<() => Promise<void>> {
  if (!traces) return async () => {};
  const { startExport } = await import('./trace-export.ts');
  return startExport(traces);
}

/**
 * Does something as a span of a trace, below the span that it is in, where traces are configured (see trace-export.ts).
 * @param parent instead of the span that it is in
 */
export async function span<T>(
  name: string,
  attributes: Attributes,
  work: (span: Span | undefined) => Promise<T>,
  parent: Span | undefined = scopeNow().span,
): Promise<T> {
  if (!tracing) return work(undefined);
  const { begin, fail } = tracing;
  const its = begin(name, attributes, parent);
  try {
    return await within({ span: its }, () => work(its));
  } catch (error) {
    fail(its, error instanceof Error ? error.message : String(error));
    throw error;
  } finally {
    its.end();
  }
}
