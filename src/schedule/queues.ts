import type pg from 'pg';
import { PgBoss } from 'pg-boss';

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

/** What pg-boss needs of a connection. */
export function bossConnection(connection: pg.ClientConfig) {
  if (connection.connectionString) return { connectionString: connection.connectionString };
  const { host, port, user, database, ssl, options } = connection;
  return { host, port, user, database, ssl, options };
}

/** Makes the job queue's own tables, or brings them up to date, so that a worker may run as a role that makes none. */
export async function prepareQueues(connection: pg.ClientConfig): Promise<void> {
  const boss = new PgBoss({ ...bossConnection(connection), schedule: false, supervise: false, max: 2 });
  // What goes wrong while it starts is thrown as well.
  boss.on('error', () => {});
  await boss.start();
  await boss.stop({ graceful: false });
}
