import { setTimeout as sleep } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import type { DB } from '../../db/schema.ts';
import { UserError } from '../../errors.ts';

/** A process that was killed is found out by Postgres at the end of the statement that it was at. */
const tries = 50;
const everyMs = 100;

const whole = (id: number) => sql`hashtext('broadsheet.imports'), ${id}::int`;
const lanes = (id: number) => sql`hashtext('broadsheet.imports.lanes'), ${id}::int`;

/**
 * Keeps other processes from working on an import for as long as a connection is open. When it returns, nothing of an
 * earlier process is under way any more: a connection of one that was killed may still commit what it had been sent.
 * @throws UserError if another process is at it, and still is some seconds later
 */
export async function lockImport(connection: Kysely<DB>, id: number): Promise<void> {
  for (let tried = 1; ; tried++) {
    // Asked for again it is held twice, which does no harm.
    const isMine = await says(connection, sql`pg_try_advisory_lock(${whole(id)})`);
    if (isMine && (await says(connection, sql`pg_try_advisory_lock(${lanes(id)})`))) {
      await says(connection, sql`pg_advisory_unlock(${lanes(id)})`);
      return;
    }
    if (tried >= tries)
      throw new UserError(`Another process is at work on import ${id}.`, {
        code: 'busy',
        hint: 'Wait until it has ended, or end it.',
      });
    await sleep(everyMs);
  }
}

/** Says for as long as a connection is open that it stores rows of an import. For one of the lanes of whoever holds `lockImport`. */
export async function lockLane(connection: Kysely<DB>, id: number): Promise<void> {
  await sql`select pg_advisory_lock_shared(${lanes(id)})`.execute(connection);
}

async function says(connection: Kysely<DB>, what: ReturnType<typeof sql>): Promise<boolean> {
  const { rows } = await sql<{ yes: boolean }>`select ${what} as yes`.execute(connection);
  return rows[0]?.yes ?? false;
}
