import { setTimeout as sleep } from 'node:timers/promises';
import { isConnectionError } from './connect.ts';

/**
 * Tries again while the database is away: what was sent must be recorded, however long that takes.
 * @param stopping after which it is waited for no longer than a few seconds
 * @throws what the database says against the action itself
 */
export async function untilDatabaseAnswers<T>(stopping: AbortSignal, action: () => Promise<T>): Promise<T> {
  for (let wait = 100; ; wait = Math.min(wait * 2, 2000)) {
    try {
      return await action();
    } catch (error) {
      if (!isConnectionError(error)) throw error;
      await sleep(wait);
      if (stopping.aborted && wait >= 2000) throw error;
    }
  }
}
