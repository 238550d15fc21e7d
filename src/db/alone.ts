import { type Kysely, sql } from 'kysely';
import { ownConnection } from './connect.ts';
import type { DB } from './schema.ts';

/**
 * Does something unless another process, or another call of this one, is at it. The lock belongs to a connection, so it goes
 * when its process does, however that ends.
 * @param db an open database, not a transaction
 * @param what the name of the lock
 * @returns what the action gave; undefined if somebody else is at it
 */
export async function alone<T>(
  db: Kysely<DB>,
  what: string,
  action: () => Promise<T>,
): Promise<T | undefined> {
  const own = await ownConnection(db);
  try {
    const { rows } = await sql<{ isMine: boolean }>`
      select pg_try_advisory_lock(hashtextextended(${`broadsheet ${what}`}, 0)) as "isMine"`.execute(own.db);
    return rows[0]?.isMine ? await action() : undefined;
  } finally {
    own.close();
  }
}
