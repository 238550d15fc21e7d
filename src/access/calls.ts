import { sql } from 'kysely';
import type { Context } from '../context.ts';

type Deps = Pick<Context, 'db' | 'clock'>;

const keptMs = 86_400_000;
/** A call without an answer that nobody renews for so long is taken for lost with its process. */
export const leaseSeconds = 60;

/** A call that is remembered. */
export interface Call {
  caller: string;
  keyHash: Buffer;
  requestHash: Buffer;
}

/** Claims a key. @returns false if it was used within the day, or somebody is at it */
export async function begin({ db, clock }: Deps, { caller, keyHash, requestHash }: Call): Promise<boolean> {
  const now = clock.now();
  const lease = sql<Date>`clock_timestamp() + make_interval(secs => ${leaseSeconds})`;
  const row = await db
    .insertInto('api_calls')
    .values({ caller, key_hash: keyHash, request_hash: requestHash, began_at: now, lease_until: lease })
    .onConflict((conflict) =>
      conflict
        .columns(['caller', 'key_hash'])
        .doUpdateSet({
          request_hash: requestHash,
          began_at: now,
          lease_until: lease,
          status: null,
          content_type: null,
          body: null,
        })
        .where((e) =>
          e.or([
            e('api_calls.began_at', '<=', new Date(now.getTime() - keptMs)),
            // Whoever was at it is gone.
            e.and([
              e('api_calls.status', 'is', null),
              e('api_calls.lease_until', '<', sql<Date>`clock_timestamp()`),
              e('api_calls.request_hash', '=', requestHash),
            ]),
          ]),
        ),
    )
    .returning('caller')
    .executeTakeFirst();
  return row !== undefined;
}

const one = ({ db }: Deps, { caller, keyHash }: Call) =>
  db.selectFrom('api_calls').where('caller', '=', caller).where('key_hash', '=', keyHash);

/** The call that has the key, if there is one. Its status is null while it has no answer. */
export const find = (context: Deps, call: Call) =>
  one(context, call).select(['request_hash', 'status', 'content_type', 'body']).executeTakeFirst();

const update = ({ db }: Deps, { caller, keyHash }: Call) =>
  db
    .updateTable('api_calls')
    .where('caller', '=', caller)
    .where('key_hash', '=', keyHash)
    .where('status', 'is', null);

/** Says that somebody is still at it. */
export const renew = (context: Deps, call: Call) =>
  update(context, call)
    .set({ lease_until: sql<Date>`clock_timestamp() + make_interval(secs => ${leaseSeconds})` })
    .execute();

/** Keeps what a call was answered. */
export const keep = (context: Deps, call: Call, status: number, contentType: string | null, body: string) =>
  update(context, call).set({ status, content_type: contentType, body }).execute();

/** Forgets a call, so that it may be tried anew. */
export const forget = ({ db }: Deps, { caller, keyHash }: Call) =>
  db.deleteFrom('api_calls').where('caller', '=', caller).where('key_hash', '=', keyHash).execute();

/** Forgets what was answered more than a day ago, and counts of callers that have been silent for an hour. */
export async function forgetOldCalls({ db, clock }: Deps): Promise<void> {
  const now = clock.now().getTime();
  await db
    .deleteFrom('api_calls')
    .where('began_at', '<', new Date(now - keptMs))
    .execute();
  await db
    .deleteFrom('api_rates')
    .where('minute', '<', new Date(now - 3_600_000))
    .execute();
}
