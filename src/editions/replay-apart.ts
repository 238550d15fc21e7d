import type pg from 'pg';
import type { Context } from '../context.ts';
import { messageOf } from '../errors.ts';
import { Thread } from '../thread.ts';
import type { ReplayAnswer, ReplayRequest } from './replay-worker.ts';

const timeLimitMs = 30 * 60_000;
// A month of stories takes some hundred megabytes: they are given back soon.
const idleMs = 5_000;

const thread = new Thread<Omit<ReplayRequest, 'id'>, ReplayAnswer>({
  script: new URL('./replay-worker', import.meta.url),
  idleMs,
  ended: (error) => new Error(`Its thread ended: ${error.message}`),
});

/**
 * Computes a replay that was asked for in a thread of its own, so that pages are answered meanwhile.
 * @param connection how the thread connects to the same database
 */
export async function computeReplayApart(
  context: Context,
  connection: pg.ClientConfig,
  replayId: number,
): Promise<void> {
  const { config, clock, db, log } = context;
  try {
    const ahead = clock.now().getTime() - Date.now();
    const { error } = await thread.ask(
      { replayId, config, connection, ahead },
      timeLimitMs,
      () => new Error(`It was not done within ${timeLimitMs / 60_000} minutes.`),
    );
    if (error !== undefined) throw new Error(error);
  } catch (error) {
    log.error({ error: messageOf(error), replayId }, 'a replay failed');
    await db
      .updateTable('policy_replays')
      .set({ failed: messageOf(error), seen_at: clock.now() })
      .where('id', '=', replayId)
      .where('result', 'is', null)
      .execute();
  }
}
