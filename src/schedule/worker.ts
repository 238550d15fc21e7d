import type pg from 'pg';
import { PgBoss } from 'pg-boss';
import type { Context } from '../context.ts';
import { planDeliveries } from '../delivery/plan.ts';
import { startSender } from '../delivery/sender.ts';
import { finishIfSettled, sweep } from '../delivery/sweep.ts';
import { openTransport } from '../delivery/transport.ts';
import { messageOf } from '../errors.ts';
import { countRefusals } from '../feedback/refusals.ts';
import { linkSigner } from '../links.ts';
import { Sparing } from '../observe/sparing.ts';
import { span } from '../observe/tracing.ts';
import { startNotifying } from './notify.ts';
import { bossConnection, createQueues, looking } from './queues.ts';

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

const queues = { start: 'start-edition', refusals: 'count-refusals' } as const;

/**
 * Starts the background work of one process: sending, a look at the ledger every few seconds, and, unless it is only to
 * send, what comes in and is made of it (newsroom.ts). Run as many as you like, on any host.
 */
export async function startWorker(context: Context, options: WorkerOptions): Promise<Worker> {
  const { log } = context;
  const boss = new PgBoss({
    ...bossConnection(options.connection),
    schedule: false,
    useListenNotify: true,
    max: 4,
  });
  const sparing = new Sparing(log);
  boss.on('error', (error) =>
    sparing.warn({ error: messageOf(error) }, 'the job queue has lost its database for now'),
  );
  await boss.start();
  await createQueues(boss, Object.values(queues));

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

  const startEdition = async (editionId: number, options: { whenDue?: boolean } = {}) => {
    const plan = await span('edition plan', { 'broadsheet.edition': editionId }, () =>
      planDeliveries(context, editionId, options),
    );
    if (!plan) return;
    log.info({ editionId, ...plan }, 'sending an edition');
    if (plan.batches === 0) await finishIfSettled(context, editionId);
    sender.wake();
  };

  await boss.work<{ editionId: number }>(queues.start, looking, async ([job]) => {
    if (job) await startEdition(job.data.editionId, { whenDue: true });
  });

  await boss.work<{ editionId: number }>(queues.refusals, looking, async ([job]) => {
    if (job) await countRefusals(context, job.data.editionId);
  });

  const look = async () => {
    const found = await sweep(context);
    for (const editionId of found.toStart) await enqueue(queues.start, { editionId }, String(editionId));
    for (const editionId of found.finished) {
      log.info({ editionId }, 'edition sent');
      await enqueue(queues.refusals, { editionId }, String(editionId));
    }
  };
  const sweeping = every((options.sweepSeconds ?? 5) * 1000, look, sparing);

  // What comes in and is made of it takes memory that a process which only sends need not have.
  const newsroom =
    options.schedule === false
      ? undefined
      : await (await import('./newsroom.ts')).openNewsroom(context, boss, async (editionId) => {
          await enqueue(queues.start, { editionId }, String(editionId));
        });

  // Receivers may be slow: what only sends leaves them to others.
  const notifying = options.schedule === false ? undefined : startNotifying(context);

  return {
    start: (editionId) => startEdition(editionId),
    async stop() {
      stopping.abort();
      await newsroom?.stop();
      await notifying?.stop();
      await sweeping.stop();
      await boss.stop({ graceful: true, timeout: 20_000 });
      await sender.stop();
      await transport.close();
    },
  };
}

/** Calls an action again and again, a pause between its end and its next start; an error is logged and forgotten. */
function every(ms: number, action: () => Promise<void>, sparing: Sparing): { stop(): Promise<void> } {
  let timer: NodeJS.Timeout;
  let running = Promise.resolve();
  let stopped = false;
  const run = () => {
    running = action()
      .then(() => sparing.works('the ledger can be looked at again'))
      .catch((error) => sparing.warn({ error: messageOf(error) }, 'the ledger could not be looked at'))
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
