import { sql } from 'kysely';
import type { SuppressionReason } from '../suppression.ts';
import type { ImportMode } from './modes.ts';
import { hashOf } from './staging.ts';
import { holdList, type Stored, type Storing } from './store.ts';

/**
 * Stores the staged rows of an import that unsubscribes or suppresses: the addresses get no more mail, of one list or of
 * all, whether they are known or not.
 */
export async function storeStopped(storing: Storing): Promise<Stored> {
  const { db, importId, mode } = storing;
  await holdList(storing);
  await findPeople(storing);
  const { rows } = await sql<Omit<Stored, 'suppressed' | 'passedOver'>>`
    select count(*) filter (where blocked is null and subscription is null)::int as added,
      count(*) filter (where subscription is not null or blocked = 'ending')::int as updated,
      count(*) filter (where subscription is null and blocked = 'stopped')::int as unchanged
    from pg_temp.import_work`.execute(db);
  if (importId !== null) {
    if (mode === 'unsubscribe') await endSubscriptions(storing);
    await stopMail(storing);
    await logActs(storing);
  }
  const counts = rows[0] ?? { added: 0, updated: 0, unchanged: 0 };
  return { ...counts, suppressed: [], passedOver: [] };
}

/**
 * Fills the work table. `subscription` says that one is to be ended; `blocked` is null where nothing stops the address for this
 * reason, `stopped` where something does for good, `ending` where it has an end.
 */
async function findPeople({ db, mode, listId }: Storing): Promise<void> {
  const reason = reasonOf[mode] ?? 'manual';
  const ends =
    mode === 'unsubscribe'
      ? sql`case when exists (
          select from subscriptions u where u.subscriber_id = s.id and u.state <> 'unsubscribed'
            and (u.list_id = ${listId} or ${listId}::bigint is null)) then 'changed' end`
      : sql`null`;
  await sql`
    insert into pg_temp.import_work
    select r.line, r.email, r.email_key, r.email_hash, null, null, null, null, null, null, null, null, r.evidence, r.pending,
      s.id, s.id is null, false, ${ends}, false,
      case when x.id is null then null
        when x.expires_at is null then 'stopped'
        else 'ending' end
    from (
      select line, email, coalesce(email_key, email) as email_key,
        ${hashOf(sql`coalesce(email_key, email)`)} as email_hash, evidence, pending
      from pg_temp.import_rows offset 0
    ) r
    left join subscribers s on s.email_key = r.email_key
    left join suppressions x on x.email_hash = r.email_hash and coalesce(x.list_id, 0) = ${listId ?? 0}
      and x.reason = ${reason}`.execute(db);
}

async function endSubscriptions({ db, importId, at, listId }: Storing): Promise<void> {
  const these = sql`u.state <> 'unsubscribed' and (u.list_id = ${listId} or ${listId}::bigint is null)`;
  await sql`
    select s.id from subscribers s
    where s.id in (select subscriber_id from pg_temp.import_work where subscription is not null)
    order by s.id for no key update`.execute(db);
  await sql`
    insert into import_changes (import_id, subscriber_id, subscriptions)
    select ${importId}, w.subscriber_id, jsonb_agg(to_jsonb(u))
    from pg_temp.import_work w join subscriptions u on u.subscriber_id = w.subscriber_id
    where w.subscription is not null and ${these}
    group by w.subscriber_id
    on conflict do nothing`.execute(db);
  await sql`
    update subscriptions u set state = 'unsubscribed', unsubscribed_at = ${at}, updated_at = ${at},
      import_id = ${importId}
    from pg_temp.import_work w
    where u.subscriber_id = w.subscriber_id and w.subscription is not null and ${these}`.execute(db);
}

const reasonOf: Partial<Record<ImportMode, SuppressionReason>> = {
  suppress: 'manual',
  unsubscribe: 'unsubscribe',
};

async function stopMail({ db, importId, at, mode, listId, evidence }: Storing): Promise<void> {
  await sql`
    insert into suppressions (email_hash, email, list_id, reason, note, created_at, import_id)
    select email_hash, email, ${listId}, ${reasonOf[mode] ?? 'manual'}, ${evidence.consent ?? null}, ${at}, ${importId}
    from pg_temp.import_work where blocked is distinct from 'stopped'
    order by email_hash
    on conflict (email_hash, coalesce(list_id, 0), reason) do update set
      email = excluded.email, note = excluded.note, created_at = excluded.created_at,
      expires_at = null, import_id = excluded.import_id,
      import_before = jsonb_build_object('reason', suppressions.reason, 'note', suppressions.note,
        'created_at', suppressions.created_at, 'expires_at', suppressions.expires_at)
    where suppressions.expires_at is not null`.execute(db);
}

async function logActs({ db, at, mode, listId, evidence }: Storing): Promise<void> {
  // Suppressing says nothing of what the person wants.
  if (mode !== 'unsubscribe') return;
  await sql`
    insert into consent_log (email_hash, list_id, act, at, via, evidence)
    select email_hash, ${listId}, 'unsubscribed', ${at}, 'import',
      coalesce(evidence, '{}') || ${JSON.stringify(evidence)}::jsonb || jsonb_build_object('line', line)
    from pg_temp.import_work
    where subscription is not null or blocked is distinct from 'stopped'`.execute(db);
}
