import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { logConsent, type Origin } from './consent.ts';
import { type SuppressionReason, suppressionReasons } from './suppression.ts';

/** What somebody wished for themselves by it: no other list may come back unasked. */
const ownWishes: readonly SuppressionReason[] = ['unsubscribe', 'complaint'];

/**
 * Lets mail go again to an address, from some lists. What held for every list goes, but somebody's own wish to get nothing
 * holds on for each other list, one by one, and what they were still subscribed to there ends; the consent log tells of it.
 * Runs within a transaction in which the person is locked.
 * @param request.reasons which suppressions to lift; all if not given
 * @param request.takenBack a wish to leave everything of one of these instants was taken back, and goes as if it had not been
 * @returns the reasons that were in the way, the strongest first
 */
export async function liftSuppressions(
  context: Pick<Context, 'db' | 'clock'>,
  request: {
    emailHash: Buffer;
    listIds: number[];
    reasons?: readonly SuppressionReason[];
    takenBack?: Date[];
    origin: Origin;
  },
): Promise<SuppressionReason[]> {
  const { emailHash, listIds, reasons = suppressionReasons, takenBack = [], origin } = request;
  const rows = await context.db
    .deleteFrom('suppressions')
    .where('email_hash', '=', emailHash)
    .where((eb) => eb.or([eb('list_id', 'is', null), eb('list_id', 'in', listIds)]))
    .where('reason', 'in', reasons)
    .returningAll()
    .execute();
  const now = context.clock.now();
  for (const row of rows) {
    const { reason, note, created_at: since, expires_at: until } = row;
    if (row.list_id !== null || !ownWishes.some((wish) => wish === reason)) continue;
    if (until !== null && until <= now) continue;
    if (takenBack.some((at) => at.getTime() === since.getTime())) continue;
    await sql`
      insert into suppressions (email_hash, email, list_id, reason, note, created_at, expires_at)
      select ${emailHash}, ${row.email}, id, ${reason}, ${note}, ${since}::timestamptz, ${until}::timestamptz
      from lists where id <> all(${listIds}::bigint[])
      on conflict (email_hash, coalesce(list_id, 0), reason) do update
        set expires_at = excluded.expires_at, created_at = excluded.created_at, import_id = null, import_before = null
        where suppressions.expires_at < coalesce(excluded.expires_at, 'infinity')`.execute(context.db);
    if (until === null) await endOthers(context, { emailHash, listIds, since, origin });
  }
  return suppressionReasons.filter((reason) => rows.some((row) => row.reason === reason));
}

/** Ends what somebody is subscribed to although they had left everything. */
async function endOthers(
  context: Pick<Context, 'db' | 'clock'>,
  about: { emailHash: Buffer; listIds: number[]; since: Date; origin: Origin },
): Promise<void> {
  const { emailHash, listIds, since, origin } = about;
  const ended = await context.db
    .updateTable('subscriptions')
    .set({ state: 'unsubscribed', unsubscribed_at: since, updated_at: context.clock.now() })
    .where('subscriber_id', 'in', (query) =>
      query.selectFrom('subscribers').select('id').where('email_hash', '=', emailHash),
    )
    .where('list_id', 'not in', listIds)
    .where('state', '=', 'confirmed')
    .returning('list_id')
    .execute();
  for (const { list_id } of ended)
    await logConsent(context, emailHash, 'unsubscribed', list_id, {
      via: origin.via,
      evidence: { leftEverything: since.toISOString() },
    });
}
