import { sql } from 'kysely';
import type { Context } from '../../context.ts';

const hereMs = 30_000;

/** Somebody who looks at an edition in one window. */
export interface Presence {
  editionId: number;
  /** Tells the windows of one user apart. */
  session: string;
  userId: number;
  userName: string;
  /** What they are at, such as `subject` or `story:s12:title`; null: nothing in particular. */
  field: string | null;
}

/** Notes that somebody is at an edition. Called every ten seconds or so; thirty seconds after the last call they are gone. */
export async function seen(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  { editionId, session, userId, userName, field }: Presence,
): Promise<void> {
  await sql`
    insert into edition_presence (edition_id, session, user_id, user_name, seen_at, field)
    select id, ${session.slice(0, 100)}, ${userId}, ${userName.slice(0, 200)}, ${clock.now()}, ${field?.slice(0, 100) ?? null}
    from editions where id = ${editionId}
    on conflict (edition_id, session) do update set
      user_id = excluded.user_id, user_name = excluded.user_name, seen_at = excluded.seen_at, field = excluded.field`.execute(
    db,
  );
}

/** Notes that a window was closed. */
export async function gone(
  { db }: Pick<Context, 'db'>,
  { editionId, session }: Pick<Presence, 'editionId' | 'session'>,
): Promise<void> {
  await db
    .deleteFrom('edition_presence')
    .where('edition_id', '=', editionId)
    .where('session', '=', session)
    .execute();
}

/** Who else is at an edition now, each user once, with what they were at last. @param session of who asks */
export async function whoElse(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  { editionId, session }: Pick<Presence, 'editionId' | 'session'>,
): Promise<{ userId: number; userName: string; field: string | null; seenAt: Date }[]> {
  const { rows } = await sql<{ userId: number; userName: string; field: string | null; seenAt: Date }>`
    select distinct on (user_id) user_id as "userId", user_name as "userName", field, seen_at as "seenAt"
    from edition_presence
    where edition_id = ${editionId} and session <> ${session}
      and seen_at > ${new Date(clock.now().getTime() - hereMs)}
    order by user_id, seen_at desc`.execute(db);
  return rows;
}
