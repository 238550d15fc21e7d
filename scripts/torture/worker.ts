// A worker of `npm run torture`: the part of `broadsheet worker` that sends, with a clock that its parent moves. It runs
// as a process of its own, so that it can be killed.
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '../../src/config.ts';
import { connectTo } from '../../src/db/connect.ts';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { startSender } from '../../src/delivery/sender.ts';
import { finishIfSettled, sweep } from '../../src/delivery/sweep.ts';
import { messageOf } from '../../src/errors.ts';
import { linkSigner } from '../../src/links.ts';
import { createLog } from '../../src/log.ts';

/** What a worker is told at its start, as JSON in its first argument. */
export interface WorkerRequest {
  socketFolder: string;
  database: string;
  home: string;
  settings: Record<string, string>;
  clockOffsetMs: number;
}

/** What its parent may say. */
export interface WorkerOrder {
  clockOffsetMs?: number;
  stop?: true;
}

const request: WorkerRequest = JSON.parse(process.argv[2] ?? '{}');
const config = loadConfig(request.settings, request.home);
const connection = { host: request.socketFolder, user: 'broadsheet', database: request.database };
const database = connectTo(connection, 6);
let offset = request.clockOffsetMs;
const context = {
  config,
  db: database.db,
  clock: { now: () => new Date(Date.now() + offset) },
  log: createLog('warn'),
};
const stopping = new AbortController();
const sender = await startSender(context, {
  url: config.smtpUrl ?? '',
  signer: await linkSigner(context),
  stopping: stopping.signal,
  connection,
  lookup: async () => [],
});
process.on('message', ({ clockOffsetMs, stop }: WorkerOrder) => {
  if (clockOffsetMs !== undefined) offset = clockOffsetMs;
  if (stop) stopping.abort();
});
// Nobody is left to look after it.
process.on('disconnect', () => process.exit());
process.send?.('ready');

while (!stopping.signal.aborted) {
  try {
    for (const editionId of (await sweep(context)).toStart) {
      const plan = await planDeliveries(context, editionId);
      if (plan?.batches === 0) await finishIfSettled(context, editionId);
      sender.wake();
    }
  } catch (error) {
    context.log.warn({ error: messageOf(error) }, 'the ledger could not be looked at');
  }
  await sleep(250);
}
await sender.stop();
await database.close();
process.disconnect();
