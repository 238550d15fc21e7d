import { AsyncLocalStorage } from 'node:async_hooks';
import type { Span } from '@opentelemetry/api';

/** What is being worked on: what is logged within says so, and spans begun within belong to its span. */
export interface Scope {
  requestId?: string;
  editionId?: number;
  /** A delivery batch of the edition. */
  batch?: number;
  /** The pattern of the route that answers; of a request. */
  answeredBy?: { route: string | undefined };
  span?: Span | undefined;
}

const scopes = new AsyncLocalStorage<Scope>();

/** What is being worked on now; empty outside. */
export const scopeNow = (): Scope => scopes.getStore() ?? {};

/** Does something within a scope, which adds to the one that it is in. */
export const within = <T>(scope: Scope, work: () => T): T =>
  scopes.run({ ...scopes.getStore(), ...scope }, work);

/** Begins something that outlives what is being worked on, such as a lane for messages. */
export const outside = <T>(work: () => T): T => scopes.exit(work);
