// Computes replays away from the main thread: each edition takes most of a second, in which nothing else would run.
import { parentPort } from 'node:worker_threads';
import type pg from 'pg';
import type { Config } from '../config.ts';
import { connectTo } from '../db/connect.ts';
import { messageOf } from '../errors.ts';
import { createLog } from '../log.ts';
import { computeReplay } from './policy-replays.ts';

/** What the main thread asks for. */
export interface ReplayRequest {
  id: number;
  replayId: number;
  config: Config;
  connection: pg.ClientConfig;
  /** How far the clock of the main thread is ahead of the machine's, in milliseconds. */
  ahead: number;
}

/** What it hears when the replay is over, whatever came of it; an error, if that could not be kept. */
export interface ReplayAnswer {
  id: number;
  error?: string;
}

async function compute({ replayId, config, connection, ahead }: ReplayRequest): Promise<void> {
  const database = connectTo(connection, 2);
  try {
    const clock = { now: () => new Date(Date.now() + ahead) };
    const log = createLog(config.logLevel ?? 'info');
    await computeReplay({ config, db: database.db, clock, log }, replayId);
  } finally {
    await database.close();
  }
}

parentPort?.on('message', (request: ReplayRequest) => {
  void compute(request).then(
    () => parentPort?.postMessage({ id: request.id } satisfies ReplayAnswer),
    (error: unknown) =>
      parentPort?.postMessage({ id: request.id, error: messageOf(error) } satisfies ReplayAnswer),
  );
});
