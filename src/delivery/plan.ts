import { type RawBuilder, type SqlBool, sql, type Transaction } from 'kysely';
import type { Context } from '../context.ts';
import { heldByItself } from '../db/installation.ts';
import { partsOf } from '../db/partitions.ts';
import type { DB } from '../db/schema.ts';
import type { Edition } from '../editions/editions.ts';
import { leastReaders, type SubjectTest } from '../editions/subject-test.ts';
import { segmentCondition } from '../subscribers/segments/reference.ts';
import { dueByZone, nextLocal } from './local-time.ts';
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
 * @param options.whenDue only if its time has come: since somebody looked, its approval may have been taken back and given
 *   again for later
 * @returns undefined if the edition is not approved (any more): another process was first, or an editor paused it; or the data are held
 */
export async function planDeliveries(
  context: Context,
  editionId: number,
  { whenDue = false }: { whenDue?: boolean } = {},
): Promise<Plan | undefined> {
  const { db, clock } = context;
  return db.transaction().execute(async (transaction) => {
    // The row lock makes two planners take turns; the second finds the edition in sending.
    const edition = await transaction
      .selectFrom('editions')
      .selectAll()
      .where('id', '=', editionId)
      .where('state', '=', 'approved')
      .where(sql<boolean>`not ${heldByItself}`)
      .$if(whenDue, (query) =>
        query.where(sql<boolean>`coalesce(starts_at, scheduled_for) <= ${clock.now()}`),
      )
      .forUpdate()
      .executeTakeFirst();
    if (!edition) return undefined;
    const audience = sql`
      select distinct subscriptions.subscriber_id
      from ${await audienceOf({ db: transaction, clock }, edition as Edition)}`;
    const plan = await writePartition(transaction, edition as Edition, audience, clock.now());
    await addEngagementPartition(transaction, editionId);
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

/** Who would get an edition if it were planned now. */
export interface Audience {
  recipients: number;
  /** By the time zone that readers gave, most readers first; null: none given. */
  zones: { zone: string | null; readers: number }[];
  /** By how often they want to hear of the newsletter: of the lists by which they get it, where that is most often. */
  frequencies: { frequency: string; readers: number }[];
}

const frequencies = ['every', 'daily', 'weekly', 'monthly'];

/** Counts who would get an edition if it were planned now. Takes seconds where there are a million. */
export async function countAudience(
  context: Pick<Context, 'db' | 'clock'>,
  edition: Pick<Edition, 'id' | 'newsletter_id' | 'scheduled_for'>,
): Promise<Audience> {
  const listIds = await listsOf(context, edition.newsletter_id);
  const wish = sql`array_position(${frequencies}::text[], subscriptions.frequency)`;
  const { rows } = await sql<{ zone: string | null; frequency: number; readers: number }>`
    select zone, frequency, count(*)::integer as readers
    from (
      select subscribers.time_zone as zone,
        ${listIds.length === 1 ? wish : sql`min(${wish})`} as frequency
      from ${await audienceOf(context, edition, listIds)}
      ${listIds.length === 1 ? sql`` : sql`group by subscriptions.subscriber_id, subscribers.time_zone`}
    ) as audience
    group by 1, 2`.execute(context.db);
  const zones = new Map<string | null, number>();
  const wished = new Map<string, number>();
  let recipients = 0;
  for (const { zone, frequency, readers } of rows) {
    recipients += readers;
    zones.set(zone, (zones.get(zone) ?? 0) + readers);
    const name = frequencies[frequency - 1] ?? 'every';
    wished.set(name, (wished.get(name) ?? 0) + readers);
  }
  return {
    recipients,
    zones: [...zones].map(([zone, readers]) => ({ zone, readers })).sort((a, b) => b.readers - a.readers),
    frequencies: frequencies.flatMap((frequency) => {
      const readers = wished.get(frequency);
      return readers ? [{ frequency, readers }] : [];
    }),
  };
}

/** The lists that a newsletter goes to. As values: behind a join Postgres would guess how many people are on them, and guess low. */
async function listsOf({ db }: Pick<Context, 'db'>, newsletterId: number): Promise<number[]> {
  const lists = await db
    .selectFrom('newsletter_lists')
    .innerJoin('lists', 'lists.id', 'newsletter_lists.list_id')
    .select('list_id')
    .where('newsletter_id', '=', newsletterId)
    .where('lists.archived_at', 'is', null)
    .execute();
  return lists.map(({ list_id }) => list_id);
}

/**
 * Writes the edition's rows into a table of their own and makes it a partition. The rows come before the indexes, which
 * attaching builds in one go from sorted rows: several times faster than keeping them up row by row.
 */
async function writePartition(
  db: Transaction<DB>,
  edition: Edition,
  audience: RawBuilder<unknown>,
  now: Date,
): Promise<Plan> {
  const partition = sql.table(`deliveries_e${edition.id}`);
  const test = await plannedTest(db, edition, now);
  const local = test ? undefined : await localDue(db, edition, now);
  await sql`select create_edition_part('deliveries', ${edition.id})`.execute(db);
  // A million ids fit; the default would sort them on disk.
  await sql`set local work_mem = '64MB'`.execute(db);
  const { rows } = await sql<{ recipients: number; batches: number }>`
    with audience as materialized (${audience}),
    numbered as materialized (
      select subscriber_id,
             (row_number() over (order by subscriber_id) - 1)
               / least(${largestBatch}, greatest(${smallestBatch}, ceil((select count(*) from audience)::numeric / ${batchesWanted})))::bigint as batch
      from audience
    ),
    batches as (
      insert into delivery_batches (edition_id, batch, first_id, last_id, due_at)
      select ${edition.id}, batch, min(subscriber_id), max(subscriber_id), ${now}::timestamptz
      from numbered group by batch
    ),
    written as (
      insert into ${partition} (edition_id, subscriber_id${test ? sql`, subject, next_attempt_at` : local ? sql`, next_attempt_at` : sql``})
      select ${edition.id}, subscriber_id ${test ? sampled(edition.id, test) : local ? sql`, coalesce(by_zone.due, ${local.usual}::timestamptz)` : sql``}
      from numbered
      ${
        local
          ? sql`join subscribers on subscribers.id = numbered.subscriber_id
                -- A zone that somebody took in this moment is in no table yet.
                left join ${local.byZone} on by_zone.zone = coalesce(subscribers.time_zone, '')
                order by subscriber_id`
          : sql``
      }
    )
    select count(*) as recipients, coalesce(max(batch) + 1, 0) as batches from numbered`.execute(db);
  // Locks the parent against other attaching only, not against sends; and only from here to the commit.
  await sql`select attach_edition_part('deliveries', ${edition.id})`.execute(db);
  return rows[0] ?? { recipients: 0, batches: 0 };
}

/** When readers are due by their own clocks, if the newsletter goes by them. */
async function localDue(db: Transaction<DB>, edition: Edition, now: Date) {
  const newsletter = await db
    .selectFrom('newsletters')
    .select(['deliver_at', 'time_zone'])
    .where('id', '=', edition.newsletter_id)
    .executeTakeFirstOrThrow();
  if (!newsletter.deliver_at) return undefined;
  // What is past by somebody's clock when planning is late is due at once.
  const from = edition.scheduled_for < now ? edition.scheduled_for : now;
  const at = { time: newsletter.deliver_at, timeZone: newsletter.time_zone, from };
  const zones = await db.selectFrom('subscribers').select('time_zone').distinct().execute();
  const byZone = dueByZone(
    zones.map(({ time_zone }) => time_zone),
    at,
  );
  return { byZone, usual: nextLocal(at.time, at.timeZone, from) };
}

interface PlannedTest {
  share: number;
  /** The edition's own subject is one of them. */
  subjects: number;
  endsAt: Date;
}

/** The edition's test of subjects, which begins now. */
async function plannedTest(
  db: Transaction<DB>,
  edition: Edition,
  now: Date,
): Promise<PlannedTest | undefined> {
  const test = edition.subject_test as SubjectTest | null;
  if (!test) return undefined;
  const { subjects } = await db
    .selectFrom('edition_subjects')
    .select((e) => e.fn.countAll<number>().as('subjects'))
    .where('edition_id', '=', edition.id)
    .executeTakeFirstOrThrow();
  const endsAt = new Date(now.getTime() + test.waitMinutes * 60_000);
  await db
    .updateTable('editions')
    .set({ subject_test: JSON.stringify({ ...test, endsAt }) })
    .where('id', '=', edition.id)
    .execute();
  return { share: test.share, subjects, endsAt };
}

/**
 * The subject of each of the sample, drawn by a hash of edition and reader; the others wait for the end. Where each
 * subject would get too few readers to tell anything, nobody is in a sample, and nobody waits.
 */
function sampled(editionId: number, { share, subjects, endsAt }: PlannedTest) {
  const draw = sql`(('x' || left(md5(${editionId}::text || ':' || subscriber_id), 8))::bit(32)::bigint / 4294967296.0)`;
  const isLarge = sql`(select count(*) from audience) * ${share}::float8 >= ${leastReaders * subjects}`;
  return sql`,
    case when ${isLarge} and ${draw} < ${share}::float8 then least(${subjects - 1}::integer, floor(${draw} / ${share}::float8 * ${subjects}::integer))::smallint end,
    case when ${isLarge} and ${draw} >= ${share}::float8 then ${endsAt}::timestamptz end`;
}

/**
 * Makes the place for what readers will do with an edition; without it, it is not counted. Made apart and attached, which locks
 * nobody out.
 */
export async function addEngagementPartition(db: Transaction<DB>, editionId: number): Promise<void> {
  await sql`select create_edition_part('engagement', ${editionId})`.execute(db);
  await sql`select attach_edition_part('engagement', ${editionId})`.execute(db);
}

/**
 * The editions of the same newsletter that somebody may have had within the longest time between two mails, by their parts.
 */
async function editionsOfAMonth(
  { db }: Pick<Context, 'db'>,
  edition: Pick<Edition, 'id' | 'newsletter_id' | 'scheduled_for'>,
): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select id from editions
    where newsletter_id = ${edition.newsletter_id} and id <> ${edition.id} and planned_at is not null
      and scheduled_for > ${edition.scheduled_for}::timestamptz + interval '2 hours' - interval '1 month'`.execute(
    db,
  );
  return partsOf(rows);
}

/** The condition on subscribers that the newsletter's segment puts, if it is limited to one. */
async function segmentOf(
  context: Pick<Context, 'db' | 'clock'>,
  newsletterId: number,
): Promise<RawBuilder<SqlBool> | undefined> {
  const { segment_id } = await context.db
    .selectFrom('newsletters')
    .select('segment_id')
    .where('id', '=', newsletterId)
    .executeTakeFirstOrThrow();
  return segment_id === null ? undefined : segmentCondition(context, segment_id);
}

/**
 * The subscriptions of those who are to get an edition now, of which somebody may have several: what is put behind FROM. Those
 * who asked for fewer mails than the newsletter makes are left out until their time has come round; two hours of grace, so that an
 * edition at an odd hour does not cost a turn.
 */
async function audienceOf(
  context: Pick<Context, 'db' | 'clock'>,
  edition: Pick<Edition, 'id' | 'newsletter_id' | 'scheduled_for'>,
  lists?: number[],
): Promise<RawBuilder<unknown>> {
  const now = context.clock.now();
  const listIds = lists ?? (await listsOf(context, edition.newsletter_id));
  const segment = await segmentOf(context, edition.newsletter_id);
  const earlier = await editionsOfAMonth(context, edition);
  return sql`
    subscriptions
    join subscribers on subscribers.id = subscriptions.subscriber_id
    where subscriptions.list_id = any(${listIds}::bigint[]) and ${mayReceive(now)}
      ${segment ? sql`and ${segment}` : sql``}
      and (subscriptions.frequency = 'every' or not exists (
        select from deliveries had
        join editions earlier on earlier.id = had.edition_id
        where had.edition_id = any(${earlier}::bigint[]) and had.subscriber_id = subscriptions.subscriber_id
          -- What is still to be sent counts too, unless its edition was called off.
          and (had.state in ('accepted', 'uncertain')
            or had.state in ('planned', 'claimed', 'begun', 'deferred') and earlier.state in ('sending', 'paused'))
          and earlier.scheduled_for > ${edition.scheduled_for}::timestamptz + interval '2 hours' - case subscriptions.frequency
            when 'daily' then interval '1 day' when 'weekly' then interval '7 days' else interval '1 month' end))`;
}
