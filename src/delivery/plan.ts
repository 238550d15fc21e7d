import { sql } from 'kysely';
import type { Context } from '../context.ts';
import type { Edition } from '../editions/editions.ts';
import { mayReceive } from './may-receive.ts';

const smallestBatch = 25;
const largestBatch = 500;
// Enough batches that several workers share a small edition too.
const batchesWanted = 40;

/** What planning wrote. */
export interface Plan {
  recipients: number;
  batches: number;
}

/**
 * Writes one delivery for each subscriber who is to get an edition, and puts the edition into sending: both, or
 * neither. Somebody on several of the newsletter's lists gets one.
 * @returns undefined if the edition is not approved (any more): another process was first, or an editor paused it
 */
export async function planDeliveries(context: Context, editionId: number): Promise<Plan | undefined> {
  const { db, clock } = context;
  return db.transaction().execute(async (transaction) => {
    // The row lock makes two planners take turns; the second finds the edition in sending.
    const edition = await transaction
      .selectFrom('editions')
      .selectAll()
      .where('id', '=', editionId)
      .where('state', '=', 'approved')
      .forUpdate()
      .executeTakeFirst();
    if (!edition) return undefined;
    await createPartition({ db: transaction }, editionId);

    const audience = audienceOf(edition as Edition, clock.now());
    const { rows: counted } = await sql<{
      count: number;
    }>`select count(*) as count from (${audience}) audience`.execute(transaction);
    const total = counted[0]?.count ?? 0;
    const size = Math.min(largestBatch, Math.max(smallestBatch, Math.ceil(total / batchesWanted)));
    const { rows } = await sql<{ recipients: number; batches: number }>`
      with planned as (
        insert into deliveries (edition_id, subscriber_id, batch)
        select ${editionId}, subscriber_id, (row_number() over (order by subscriber_id) - 1) / ${size}
        from (${audience}) audience
        returning batch
      )
      select count(*) as recipients, count(distinct batch) as batches from planned`.execute(transaction);
    const plan = rows[0] ?? { recipients: 0, batches: 0 };
    await transaction
      .updateTable('editions')
      .set({
        state: 'sending',
        planned_at: clock.now(),
        planned_count: plan.recipients,
        updated_at: clock.now(),
      })
      .where('id', '=', editionId)
      .execute();
    return plan;
  });
}

/**
 * The subscribers who are to get an edition at an instant. Those who asked for fewer mails than the newsletter makes
 * are left out until their time has come round; two hours of grace, so that an edition at an odd hour does not cost a turn.
 */
function audienceOf(edition: Edition, now: Date) {
  return sql`
    select distinct subscriptions.subscriber_id
    from subscriptions
    join newsletter_lists on newsletter_lists.list_id = subscriptions.list_id
      and newsletter_lists.newsletter_id = ${edition.newsletter_id}
    join subscribers on subscribers.id = subscriptions.subscriber_id
    where ${mayReceive(now)}
      and (subscriptions.frequency = 'every' or not exists (
        select from deliveries had
        join editions earlier on earlier.id = had.edition_id
        where had.subscriber_id = subscriptions.subscriber_id
          and had.state in ('accepted', 'uncertain')
          and earlier.newsletter_id = ${edition.newsletter_id}
          and earlier.id <> ${edition.id}
          and earlier.scheduled_for > ${edition.scheduled_for}::timestamptz + interval '2 hours' - case subscriptions.frequency
            when 'daily' then interval '1 day' when 'weekly' then interval '7 days' else interval '1 month' end))`;
}

/** A table for the edition's rows. Attaching locks the parent against other attaching only, not against sends. */
async function createPartition({ db }: Pick<Context, 'db'>, editionId: number): Promise<void> {
  const name = sql.table(`deliveries_e${editionId}`);
  await sql`create table if not exists ${name} (like deliveries including all)`.execute(db);
  await sql`alter table deliveries attach partition ${name} for values in (${sql.lit(editionId)})`.execute(
    db,
  );
}
