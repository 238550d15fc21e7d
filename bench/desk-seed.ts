import { sql } from 'kysely';
import { countFigures } from '../src/feedback/edition-figures.ts';
import { countReport } from '../src/feedback/edition-report.ts';
import type { BenchContext } from './database.ts';
import { addPartitions, addStories, benchStory, sentSlots } from './edition.ts';

const sourceCount = 200;
const batchSize = 1000;

/** Stories of a month from 200 sources, four to a storyline. */
export async function seedStories({ db }: BenchContext, count: number): Promise<void> {
  await sql`
    insert into sources (kind, url, name, publisher, last_success_at, last_fetched_at, next_fetch_at, created_at)
    select 'feed', 'https://paper' || n || '.example.com/feed', 'Paper ' || n, 'Paper ' || n, now(), now(),
           now() + interval '10 minutes', now() - interval '1 year'
    from generate_series(1, ${sql.lit(sourceCount)}) as n`.execute(db);
  await sql`
    insert into storylines (language, story_count, first_published_at, last_published_at)
    select 'en', 4, now() - n * interval '80 seconds', now() - n * interval '80 seconds'
    from generate_series(1, ${Math.ceil(count / 4)}::integer) as n`.execute(db);
  await sql`
    insert into stories (url_key, url, title, dek, body_text, publisher, language, topics, published_at, content_hash,
                         storyline_id, source_id)
    select 'paper.example.com/' || n, 'https://paper.example.com/' || n, 'Story number ' || n || ' of ' || md5(n::text),
           'What story ' || n || ' is about, in a sentence.', repeat('Words of story ' || n || '. ', 20),
           'Paper ' || n % 300, 'en', array['subject-' || n % 20], now() - n * interval '20 seconds', md5(n::text),
           1 + n / 4, 1 + n % ${sql.lit(sourceCount)}
    from generate_series(0, ${count - 1}::integer) as n`.execute(db);
  await sql`vacuum analyze`.execute(db);
}

/**
 * What a newsletter has sent: an edition to all its readers, of whom a third opened it and a tenth clicked; one of which
 * a fifth is out; and a year of earlier ones, of which only the sums are left.
 * @returns the ids of the sent one and of the one that is being sent
 */
export async function seedSent(
  context: BenchContext,
  newsletterId: number,
  readers: number,
): Promise<{ sent: number; sending: number }> {
  const { db } = context;
  const insert = async (state: 'sent' | 'sending', hoursAgo: number) => {
    const at = new Date(Date.now() - hoursAgo * 3_600_000);
    const { id } = await db
      .insertInto('editions')
      .values({
        newsletter_id: newsletterId,
        scheduled_for: at,
        planned_at: at,
        approved_at: at,
        sent_at: state === 'sent' ? new Date(at.getTime() + 600_000) : null,
        planned_count: readers,
        state,
        theme: 'broadsheet',
        language: 'en',
        subject: `What was sent ${hoursAgo} hours ago`,
        policy: JSON.stringify({ slots: sentSlots }),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    return id;
  };
  const sent = await insert('sent', 30);
  const sending = await insert('sending', 1);
  for (const id of [sent, sending]) {
    await addStories(
      db,
      id,
      Array.from({ length: 40 }, (_, position) => benchStory(position)),
    );
    await addPartitions(db, id);
  }
  await sql`
    insert into deliveries (edition_id, subscriber_id, state, settled_at, smtp_code, detail, stories)
    select ${sent}::bigint, id, case when id % 100 = 0 then 'failed' else 'accepted' end, now() - interval '30 hours',
           case when id % 100 = 0 then 550 else 250 end, case when id % 100 = 0 then '550 5.1.1 No such user ' || id % 7 end,
           array(select ((id + place) % 40)::smallint from generate_series(1, 7) as place)
    from subscribers order by id`.execute(db);
  await sql`
    insert into engagement (edition_id, subscriber_id, kind, position, first_at, last_at)
    select ${sent}::bigint, id, 'open', -1, at, at
    from (select id, now() - interval '30 hours' + id % 2000 * interval '1 minute' / 2 as at from subscribers where id % 3 = 1) as each
    union all
    select ${sent}::bigint, id, 'click', (id + 1 + id % 3) % 40, at, at
    from (select id, now() - interval '29 hours' + id % 2000 * interval '1 minute' / 2 as at from subscribers where id % 10 = 1) as each
    order by 2`.execute(db);
  await sql`
    insert into deliveries (edition_id, subscriber_id, state, settled_at, smtp_code)
    select ${sending}::bigint, id, case when id <= ${readers / 5}::integer then 'accepted' else 'planned' end,
           case when id <= ${readers / 5}::integer then now() end, case when id <= ${readers / 5}::integer then 250 end
    from subscribers order by id`.execute(db);
  await sql`
    insert into delivery_batches (edition_id, batch, first_id, last_id, due_at)
    select ${sending}::bigint, batch, batch * ${sql.lit(batchSize)} + 1, (batch + 1) * ${sql.lit(batchSize)},
           case when (batch + 1) * ${sql.lit(batchSize)} > ${readers / 5}::integer then now() - interval '1 hour' end
    from generate_series(0, ${Math.ceil(readers / batchSize) - 1}::integer) as batch`.execute(db);
  await sql`vacuum analyze`.execute(db);
  await countReport(context, sent);
  await countFigures(context, sent);
  await sql`
    with earlier as (
      insert into editions (newsletter_id, scheduled_for, planned_at, sent_at, planned_count, state, theme, language, subject, policy, ledger_sums)
      select newsletter_id, scheduled_for - n * interval '1 day', planned_at - n * interval '1 day',
             sent_at - n * interval '1 day', planned_count, state, theme, language, 'The edition ' || n || ' days before', policy, '{}'
      from editions, generate_series(1, 365) as n where editions.id = ${sent}
      returning id
    ), figures as (
      insert into edition_figures (edition_id, accepted, bounced, clicked, complaints, counted_at, opened, unsubscribed)
      select earlier.id, accepted, bounced, clicked, complaints, counted_at, opened, unsubscribed
      from edition_figures, earlier where edition_id = ${sent}
    )
    insert into edition_reports (edition_id, counted_at, report)
    select earlier.id, counted_at, report from edition_reports, earlier where edition_id = ${sent}`.execute(
    db,
  );
  // The report of the page that is measured is counted while the page is asked for.
  await sql`delete from edition_reports where edition_id = ${sent}`.execute(db);
  await sql`analyze`.execute(db);
  return { sent, sending };
}
