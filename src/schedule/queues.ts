import type { PgBoss } from 'pg-boss';

/** A notification wakes a worker; looking is for when one was lost. */
export const looking = { pollingIntervalSeconds: 1, notifyPollingIntervalSeconds: 2 } as const;

/** Makes queues in which a job with a given key waits once, however often it is asked for. */
export async function createQueues(boss: PgBoss, names: readonly string[]): Promise<void> {
  for (const name of names)
    await boss.createQueue(name, {
      policy: 'short',
      notify: true,
      // What is left undone is found by the next look. A failed job that waits for its retry would keep that look
      // from asking again.
      retryLimit: 0,
      expireInSeconds: 3600,
      deleteAfterSeconds: 3600,
    });
}
