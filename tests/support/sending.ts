import { randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { Committer } from '../../src/delivery/committer.ts';
import type { Composer } from '../../src/delivery/compose.ts';
import { Lanes } from '../../src/delivery/lanes.ts';
import { type Batch, exchange, type Holder, type Verdict } from '../../src/delivery/ledger.ts';
import { type Route, smtpRoute } from '../../src/delivery/route.ts';
import {
  pauseAll,
  pauseUnserved,
  type Sending,
  sendBatch as sendWhole,
} from '../../src/delivery/send-batch.ts';
import type { TestContext } from './context.ts';

/** How a test's worker differs from a usual one. */
export interface SendingOptions extends Partial<Omit<Sending, 'lanes'>> {
  connections?: number;
  routeFailureLimit?: number;
  routeDownMs?: number;
  routes?: Route[];
}

const patience = { connectMs: 2000, answerMs: 400, messageMs: 400 };

/** A route for a test, with little patience. */
export const testRoute = (url: string, more: Partial<Route> = {}) =>
  smtpRoute(url, { connections: 4, ...more }, patience);

/** What a worker sends with, to a server of the test. */
export function sendingTo(context: TestContext, url: string, options: SendingOptions = {}): Sending {
  const { connections = 4, routeFailureLimit = 3, routeDownMs = 0, routes, ...more } = options;
  const base = {
    describe: new URL(url).host,
    holder: { worker: randomUUID(), leaseSeconds: 30 },
    refusals: { inARow: 0 },
    refusalLimit: 20,
    stopping: new AbortController().signal,
    ...more,
  };
  const lanes = new Lanes(
    routes ?? [testRoute(url, { connections })],
    new Committer(context, base.holder.leaseSeconds, { stopping: base.stopping }),
    {
      routeRetryMs: 5,
      routeFailureLimit,
      routeDownMs,
      stopping: base.stopping,
      onRouteDown: (route, words, editionIds, forMs) => pauseAll(context, route, words, editionIds, forMs),
      onUnserved: (editionId) => pauseUnserved(context, editionId),
    },
    context.log,
  );
  onTestFinished(() => lanes.close());
  return { ...base, lanes };
}

/** Begins deliveries as a worker does. @returns those that may be sent to */
export async function begin(
  context: TestContext,
  holder: Holder,
  editionId: number,
  ids: number[],
): Promise<Set<number>> {
  const { worker, leaseSeconds } = holder;
  const claims = ids.map((subscriberId) => ({ subscriberId, worker }));
  const states = await exchange(context, leaseSeconds, editionId, [], claims);
  return new Set(states.filter(({ state }) => state === 'begun').map(({ subscriberId }) => subscriberId));
}

/** Records verdicts as a worker does. */
export async function record(
  context: TestContext,
  holder: Holder,
  editionId: number,
  verdicts: Verdict[],
): Promise<void> {
  const { worker, leaseSeconds } = holder;
  await exchange(
    context,
    leaseSeconds,
    editionId,
    verdicts.map((verdict) => ({ ...verdict, worker })),
    [],
  );
}

/** A batch of an edition by its number. */
export const batchOf = (context: TestContext, editionId: number, batch: number): Promise<Batch> =>
  context.db
    .selectFrom('delivery_batches')
    .select(['edition_id as editionId', 'batch', 'first_id as firstId', 'last_id as lastId'])
    .where('edition_id', '=', editionId)
    .where('batch', '=', batch)
    .executeTakeFirstOrThrow();

/** Sends what is due in a batch of an edition. */
export async function sendBatch(context: TestContext, composer: Composer, batch: number, sending: Sending) {
  return sendWhole(context, composer, await batchOf(context, composer.edition.id, batch), sending);
}
