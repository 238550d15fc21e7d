import cron from 'node-cron';
import type pg from 'pg';
import { PgBoss } from 'pg-boss';
import type { Context } from '../context.ts';
import { planDeliveries } from '../delivery/plan.ts';
import { startSender } from '../delivery/sender.ts';
import { finishIfSettled, sweep } from '../delivery/sweep.ts';
import { openTransport } from '../delivery/transport.ts';
import { messageOf } from '../errors.ts';
import { linkSigner } from '../links.ts';
import { embedPending } from '../selection/embeddings.ts';
import { forgetRemovedStories } from '../selection/library.ts';
import { assignStorylines, regroupStorylines } from '../selection/storylines.ts';
import { labelStories } from '../selection/topics/label.ts';
import { fetchDueSources } from '../stories/sources.ts';
import { draftsToBuild, fireSchedules } from './fire.ts';
import { produceEdition } from './produce.ts';

/** What a process takes part in. */
export interface WorkerOptions {
  /** Connects pg-boss to the same database. */
  connection: pg.ClientConfig;
  /** Fires newsletters and fetches sources; false: it only sends what others start. */
  schedule?: boolean;
  /** Seconds between two looks at the ledger. */
  sweepSeconds?: number;
  /** Called after each batch, for progress. */
  onBatch?(editionId: number): void;
}

/** A running worker. */
export interface Worker {
  /** Starts an approved edition now instead of at the next look. */
  start(editionId: number): Promise<void>;
  /** Takes no new work, finishes the messages that are out, and ends. */
  stop(): Promise<void>;
}

// A notification wakes a worker; looking is for when one was lost.
const looking = { pollingIntervalSeconds: 1, notifyPollingIntervalSeconds: 2 } as const;

// So many stories take about ten seconds, in a thread of their own; then others have their turn.
const mostEmbedded = 500;
// Storylines are grouped afresh each hour, at a minute when few newsletters are made.
const regroupMinute = 17;

const queues = {
  fetch: 'fetch-sources',
  embed: 'embed-stories',
  regroup: 'regroup-storylines',
  produce: 'produce-edition',
  start: 'start-edition',
} as const;

/**
 * Starts the background work of one process: pg-boss jobs for fetching, producing and sending, and a look at the
 * schedule each minute (node-cron) and at the ledger every few seconds. Run as many as you like, on any host.
 */
export async function startWorker(context: Context, options: WorkerOptions): Promise<Worker> {
  const { log, config } = context;
  const boss = new PgBoss({
    ...bossConnection(options.connection),
    schedule: false,
    useListenNotify: true,
    max: 4,
  });
  boss.on('error', (error) =>
    log.warn({ error: messageOf(error) }, 'the job queue has lost its database for now'),
  );
  await boss.start();
  // "short": a job with a given key waits in the queue once; looking twice makes no second one.
  for (const name of Object.values(queues))
    await boss.createQueue(name, {
      policy: 'short',
      notify: true,
      // What is left undone is found by the next look. A failed job that waits for its retry would keep that look
      // from asking again.
      retryLimit: 0,
      expireInSeconds: 3600,
      deleteAfterSeconds: 3600,
    });

  const transport = await openTransport(context);
  const signer = await linkSigner(context);
  const stopping = new AbortController();
  const sender = await startSender(context, {
    url: transport.url,
    connection: options.connection,
    signer,
    stopping: stopping.signal,
    onBatch: options.onBatch,
  });
  const enqueue = (name: string, data: Record<string, number>, key: string) =>
    boss.send(name, data, { singletonKey: key });

  const startEdition = async (editionId: number) => {
    const plan = await planDeliveries(context, editionId);
    if (!plan) return;
    log.info({ editionId, ...plan }, 'sending an edition');
    if (plan.batches === 0) await finishIfSettled(context, editionId);
    sender.wake();
  };

  await boss.work<{ editionId: number }>(queues.start, looking, async ([job]) => {
    if (job) await startEdition(job.data.editionId);
  });

  const look = async () => {
    const found = await sweep(context);
    for (const editionId of found.toStart) await enqueue(queues.start, { editionId }, String(editionId));
    for (const editionId of found.finished) log.info({ editionId }, 'edition sent');
  };
  const sweeping = every((options.sweepSeconds ?? 5) * 1000, look, context);

  let ticking: { stop(): void | Promise<void> } | undefined;
  if (options.schedule !== false) {
    await boss.work<object>(queues.fetch, looking, async () => {
      const results = await fetchDueSources(context, {});
      if (results.length > 0) {
        await assignStorylines(context);
        await labelStories(context);
      }
      if (config.embeddings) await enqueue(queues.embed, {}, 'waiting');
    });
    await boss.work<object>(queues.embed, looking, async () => {
      const { embedded, without } = await embedPending(context, { limit: mostEmbedded });
      if (embedded > 0) await labelStories(context);
      if (embedded + without === mostEmbedded) await enqueue(queues.embed, {}, 'waiting');
    });
    await boss.work<object>(queues.regroup, looking, async () => {
      log.info(await regroupStorylines(context), 'storylines of the last days grouped afresh');
      await forgetRemovedStories(context);
    });
    await boss.work<{ editionId: number }>(queues.produce, looking, async ([job]) => {
      if (!job) return;
      try {
        const edition = await produceEdition(context, job.data.editionId);
        if (edition.state === 'approved')
          await enqueue(queues.start, { editionId: edition.id }, String(edition.id));
      } catch (error) {
        // Trying again would fail again: the reason stands with the draft, for a person.
        log.error(
          { editionId: job.data.editionId, error: messageOf(error) },
          'the edition could not be made',
        );
      }
    });
    const tick = async () => {
      for (const fired of await fireSchedules(context)) log.info(fired, 'a newsletter is due');
      for (const editionId of await draftsToBuild(context))
        await enqueue(queues.produce, { editionId }, String(editionId));
      await enqueue(queues.fetch, {}, 'due');
      if (context.clock.now().getUTCMinutes() === regroupMinute) await enqueue(queues.regroup, {}, 'hourly');
    };
    await tick();
    ticking = cron.schedule(
      '* * * * *',
      () =>
        tick().catch((error) => log.warn({ error: messageOf(error) }, 'the schedule could not be looked at')),
      { noOverlap: true },
    );
  }

  return {
    start: startEdition,
    async stop() {
      stopping.abort();
      await ticking?.stop();
      await sweeping.stop();
      await boss.stop({ graceful: true, timeout: 20_000 });
      await sender.stop();
      await transport.close();
    },
  };
}

/** Calls an action again and again, a pause between its end and its next start; an error is logged and forgotten. */
function every(ms: number, action: () => Promise<void>, { log }: Context): { stop(): Promise<void> } {
  let timer: NodeJS.Timeout;
  let running = Promise.resolve();
  let stopped = false;
  const run = () => {
    running = action()
      .catch((error) => log.warn({ error: messageOf(error) }, 'the ledger could not be looked at'))
      .then(() => {
        if (!stopped) timer = setTimeout(run, ms);
      });
  };
  timer = setTimeout(run, 0);
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}

function bossConnection(connection: pg.ClientConfig) {
  if (connection.connectionString) return { connectionString: connection.connectionString };
  const { host, port, user, database } = connection;
  return { host, port, user, database };
}
