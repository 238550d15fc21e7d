import { createHmac } from 'node:crypto';
import { sql } from 'kysely';
import type { Context } from '../../context.ts';
import type { LinkSigner } from '../../links.ts';

/** What one visitor, or one address, may ask for: so much at once, and then one more each so many seconds. */
export interface Limit {
  name: string;
  atOnce: number;
  everySeconds: number;
}

/** Whether something may be done now, and if not, in how many seconds. */
export type Allowed = { allowed: true } | { allowed: false; waitSeconds: number };

// More than a call adds, so that what has run out is gone soon after, whoever calls.
const deletedInPassing = 20;

/**
 * Takes one from each of several limits, which all processes share through Postgres. One statement does it: the generic
 * cell rate algorithm over a row's `full_at`, where a row's lock makes calls at the same moment take turns. It also
 * deletes a few rows that have run out, so that the table is no longer than what is in use.
 * @param wanted.of whom the limit is for, such as a machine's address; only an HMAC of it is kept
 */
export async function takeFromLimits(
  context: Pick<Context, 'db' | 'clock'>,
  signer: LinkSigner,
  wanted: { limit: Limit; of: string }[],
): Promise<Allowed> {
  // A token that is never handed out is a secret of this installation.
  const secret = signer.sign('limit', [0]);
  const keys = wanted.map(({ limit, of }) =>
    createHmac('sha256', secret).update(`${limit.name}:${of}`).digest().subarray(0, 16),
  );
  const now = context.clock.now();
  const { rows } = await sql<{ refused: number; wait: number | null }>`
    with wanted as (
      select * from unnest(
        ${keys}::bytea[],
        ${wanted.map(({ limit }) => limit.everySeconds)}::double precision[],
        ${wanted.map(({ limit }) => limit.everySeconds * limit.atOnce)}::double precision[]
      ) as w (key, every, room)
    ), over as (
      delete from visitor_limits where key in (
        select key from visitor_limits
        where full_at < ${now} and key not in (select key from wanted)
        order by full_at limit ${deletedInPassing} for update skip locked)
    ), taken as (
      insert into visitor_limits as had (key, full_at, room)
      select key, ${now}::timestamptz + make_interval(secs => every), room from wanted order by key
      on conflict (key) do update
        set full_at = greatest(had.full_at, ${now}) + (excluded.full_at - ${now}), room = excluded.room
        where greatest(had.full_at, ${now}) + (excluded.full_at - ${now})
          <= ${now}::timestamptz + make_interval(secs => excluded.room)
      returning key
    )
    select count(*) as refused,
      max(extract(epoch from had.full_at - ${now}::timestamptz) + wanted.every - wanted.room)::double precision as wait
    from wanted left join visitor_limits as had using (key)
    where wanted.key not in (select key from taken)`.execute(context.db);
  const { refused, wait } = rows[0] ?? { refused: 0, wait: null };
  if (Number(refused) === 0) return { allowed: true };
  return { allowed: false, waitSeconds: Math.max(1, Math.ceil(wait ?? 1)) };
}
