import type pg from 'pg';
import type { Context } from '../context.ts';
import { messageOf } from '../errors.ts';
import { Thread } from '../thread.ts';
import { keepingSeen } from './policy-replays.ts';
import type { ReplayAnswer, ReplayRequest } from './replay-worker.ts';

const timeLimitMs = 30 * 60_000;
// A month of stories takes some hundred megabytes: they are given back soon.
const idleMs = 5_000;

const thread = new Thread<Omit<ReplayRequest, 'id'>, ReplayAnswer>({
  script: new URL('./replay-worker', import.meta.url),
  idleMs,
  ended: (error) => new Error(`Its thread ended: ${error.message}`),
});

// One after the other: each holds a month of stories. They wait here, so that the time limit is for the computing alone, and one that
// is late ends no other.
let turn: Promise<unknown> = Promise.resolve();

/**
 * Computes a replay that was asked for in a thread of its own, after those that were asked for before, so that pages are answered
 * meanwhile. What goes wrong is kept with the replay.
 * @param connection how the thread connects to the same database
 */
export async function computeReplayApart(
  context: Context,
  connection: pg.ClientConfig,
  replayId: number,
): Promise<void> {
  const { config, clock, db, log } = context;
  try {
    const before = turn;
    const answer = keepingSeen(context, replayId, async () => {
      await before;
      const ahead = clock.now().getTime() - Date.now();
      return thread.ask(
        { replayId, config, connection, ahead },
        timeLimitMs,
        () => new Error(`It was not done within ${timeLimitMs / 60_000} minutes.`),
      );
    });
    turn = answer.catch(() => {});
    const { error } = await answer;
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
