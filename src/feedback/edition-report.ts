import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { type DeliveryReport, deliveryReport } from '../delivery/report.ts';
import { countShown } from '../editions/engagement.ts';
import type { SubjectOutcome, SubjectTest } from '../editions/subject-test.ts';
import type { Tracking } from '../editions/tracking.ts';
import { classify } from './classify.ts';
import { type EngagementCount, engagementReport } from './engagement-report.ts';
import type { Reason } from './reasons.ts';

/** What became of a story in an edition. */
export interface StoryFigures {
  position: number;
  slot: string;
  title: string;
  publisher: string;
  topics: string[];
  /** In how many digests it stood; null: that is not known. */
  shown: number | null;
  /** Persons who followed its own link, each once; null: they are not told apart. */
  readers: number | null;
  /** How often persons followed it, and how often links beneath it. */
  clicks: number;
  relatedClicks: number;
}

/** What became of the messages to one domain. */
export interface DomainFigures {
  /** Empty: all domains that have no line of their own. */
  domain: string;
  sent: number;
  delivered: number;
  /** Refused while sending, or come back since. */
  failed: number;
  /** Persons; null: they are not counted, or not told apart. */
  opened: number | null;
  clicked: number | null;
  unsubscribed: number;
  complaints: number;
}

/** What became of one of the subjects that were tried out. */
export interface SubjectFigures {
  number: number;
  subject: string;
  readers: number;
  opened: number;
  clicked: number;
}

/** What an edition came to, in sums of many readers. */
export interface EditionReport {
  privacy: Tracking['privacy'];
  counts: { opens: boolean; clicks: boolean };
  delivery: Omit<
    DeliveryReport,
    'editionId' | 'sums' | 'uncertainDeliveries' | 'doubtedDeliveries' | 'reasons'
  >;
  /** Why messages failed, the most frequent first. */
  failures: { reason: Reason; count: number }[];
  opens: EngagementCount;
  clicks: EngagementCount;
  stories: StoryFigures[];
  domains: DomainFigures[];
  subjects: SubjectFigures[];
  outcome: SubjectOutcome | null;
  /** When readers opened and clicked first, in hours since it began to go out; of the first three days. */
  hours: { hour: number; opened: number; clicked: number }[];
}

const mostDomains = 20;
/** Figures of fewer readers would be figures of a person. */
const leastReaders = 10;
const mostHours = 72;

/**
 * Adds up what an edition came to, and keeps it. Takes as long as there are readers: not for a page that somebody waits for.
 * Of an edition whose ledger has gone, what was counted before stays.
 */
export async function countReport(context: Pick<Context, 'db' | 'clock'>, editionId: number): Promise<void> {
  const { db, clock } = context;
  const edition = await db
    .selectFrom('editions')
    .innerJoin('newsletters', 'newsletters.id', 'editions.newsletter_id')
    .leftJoin('edition_reports', 'edition_reports.edition_id', 'editions.id')
    .select([
      'newsletters.tracking',
      'editions.state',
      'editions.ledger_sums',
      'editions.subject_test',
      'editions.planned_at',
      'editions.scheduled_for',
      'edition_reports.report',
    ])
    .where('editions.id', '=', editionId)
    .executeTakeFirst();
  if (!edition) return;
  if (edition.ledger_sums !== null && edition.report) return;
  const test = edition.subject_test as SubjectTest | null;
  const [{ delivery, failures }, { privacy, opens, clicks }] = await Promise.all([
    deliveryOf(context, editionId),
    engagementReport(context, editionId),
  ]);
  const told = privacy === 'individual' || opens.readers > 0 || clicks.readers > 0;
  const tracking = edition.tracking as Partial<Tracking>;
  const report: EditionReport = {
    privacy,
    counts: {
      opens: opens.times > 0 || (privacy !== 'off' && (tracking.opens ?? false)),
      clicks: clicks.times > 0 || (privacy !== 'off' && (tracking.clicks ?? true)),
    },
    delivery,
    failures,
    opens,
    clicks,
    stories: await storiesOf(context, editionId, told, edition.state === 'sent'),
    domains: await domainsOf(context, editionId, told),
    subjects: test ? await subjectsOf(context, editionId) : [],
    outcome: test?.outcome ?? null,
    hours: told ? await hoursOf(context, editionId, edition.planned_at ?? edition.scheduled_for) : [],
  };
  const values = { counted_at: clock.now(), report: JSON.stringify(report) };
  await db
    .insertInto('edition_reports')
    .values({ edition_id: editionId, ...values })
    .onConflict((conflict) => conflict.column('edition_id').doUpdateSet(values))
    .execute();
}

async function deliveryOf(context: Pick<Context, 'db'>, editionId: number) {
  const [{ editionId: _, sums, uncertainDeliveries, doubtedDeliveries, reasons, ...delivery }, { rows }] =
    await Promise.all([
      deliveryReport(context, editionId),
      sql<{ code: number | null; words: string; count: number }>`
        select smtp_code as code, left(coalesce(detail, ''), 300) as words, count(*)::integer as count
        from deliveries where edition_id = ${editionId} and state = 'failed'
        group by 1, 2 order by 3 desc limit 500`.execute(context.db),
    ]);
  const failures = new Map<Reason, number>();
  for (const { code, words, count } of rows) {
    const reason = classify({
      texts: [words],
      status: /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(words)?.[0] ?? null,
      reply: code,
      isStated: words !== '',
      action: null,
    });
    failures.set(reason, (failures.get(reason) ?? 0) + count);
  }
  return {
    delivery,
    failures: [...failures].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count),
  };
}

async function storiesOf({ db }: Pick<Context, 'db'>, editionId: number, told: boolean, isSent: boolean) {
  // How often stories were shown is counted once, so not while there is more to go out.
  if (isSent) await countShown({ db }, [editionId]);
  const { rows } = await sql<StoryFigures>`
    with clicked as (
      select position, count(*) filter (where related = -1) as readers,
             sum(times) filter (where related = -1) as clicks, sum(times) filter (where related >= 0) as beneath
      from engagement
      where edition_id = ${editionId} and kind = 'click' and source = 'person' and position >= 0
      group by position
    ), counted as (
      select position, sum(times) filter (where related = -1) as clicks,
             sum(times) filter (where related >= 0) as beneath
      from engagement_counts
      where edition_id = ${editionId} and kind = 'click' and source = 'person' and position >= 0
      group by position
    )
    select story.position, story.slot, coalesce(story.snapshot ->> 'title', '') as title,
           coalesce(story.snapshot ->> 'publisher', '') as publisher,
           coalesce(story.snapshot -> 'topics', '[]') as topics,
           (select sum(readers) from unnest(story.shown) as readers)::integer as shown,
           case when ${told} then coalesce(clicked.readers, 0)::integer end as readers,
           (coalesce(clicked.clicks, 0) + coalesce(counted.clicks, 0))::integer as clicks,
           (coalesce(clicked.beneath, 0) + coalesce(counted.beneath, 0))::integer as "relatedClicks"
    from edition_stories as story
    left join clicked on clicked.position = story.position
    left join counted on counted.position = story.position
    where story.edition_id = ${editionId} and coalesce(story.snapshot ->> 'kind', '') <> 'note'
      and (story.shown <> '{}' or story.slot <> 'reserve')
    order by story.position`.execute(db);
  return rows;
}

async function domainsOf({ db }: Pick<Context, 'db'>, editionId: number, told: boolean) {
  const { rows } = await sql<DomainFigures>`
    with did as (
      select subscriber_id, bool_or(kind = 'open') as opened, bool_or(kind = 'click') as clicked
      from engagement where edition_id = ${editionId} and source = 'person' group by subscriber_id
    ), back as (
      select subscriber_id, bool_or(kind in ('hard', 'soft', 'block')) as bounced,
             bool_or(kind = 'unsubscribe') as unsubscribed, bool_or(kind = 'complaint') as complained
      from feedback_events
      where edition_id = ${editionId} and source <> 'sending' and subscriber_id is not null
      group by subscriber_id
    ), domains as (
      select coalesce(lower(substring(subscribers.email from '@([^@]+)$')), '') as domain, count(*) as sent,
             count(*) filter (where state = 'accepted' and back.bounced is not true) as delivered,
             count(*) filter (where state = 'failed' or back.bounced) as failed,
             count(*) filter (where did.opened) as opened, count(*) filter (where did.clicked) as clicked,
             count(*) filter (where back.unsubscribed) as unsubscribed,
             count(*) filter (where back.complained) as complaints
      from deliveries
      left join subscribers on subscribers.id = deliveries.subscriber_id
      left join did on did.subscriber_id = deliveries.subscriber_id
      left join back on back.subscriber_id = deliveries.subscriber_id
      where deliveries.edition_id = ${editionId} and state <> 'skipped'
      group by 1
    ), ranked as (
      select *, row_number() over (order by sent desc, domain) as rank from domains
    )
    select case when rank <= ${sql.lit(mostDomains)} and sent >= ${sql.lit(leastReaders)} then domain else '' end as domain,
           sum(sent)::integer as sent, sum(delivered)::integer as delivered, sum(failed)::integer as failed,
           case when ${told} then sum(opened)::integer end as opened,
           case when ${told} then sum(clicked)::integer end as clicked,
           sum(unsubscribed)::integer as unsubscribed, sum(complaints)::integer as complaints
    from ranked group by 1`.execute(db);
  // The rest last.
  return rows.sort((a, b) => Number(a.domain === '') - Number(b.domain === '') || b.sent - a.sent);
}

async function subjectsOf({ db }: Pick<Context, 'db'>, editionId: number) {
  const { rows } = await sql<SubjectFigures>`
    with did as (
      select subscriber_id, bool_or(kind = 'open') as opened, bool_or(kind = 'click') as clicked
      from engagement where edition_id = ${editionId} and source = 'person' group by subscriber_id
    )
    select subjects.number, subjects.subject, count(deliveries.subscriber_id)::integer as readers,
           (count(*) filter (where did.opened))::integer as opened,
           (count(*) filter (where did.clicked))::integer as clicked
    from edition_subjects as subjects
    left join deliveries on deliveries.edition_id = ${editionId} and deliveries.subject = subjects.number
      and deliveries.state = 'accepted'
    left join did on did.subscriber_id = deliveries.subscriber_id
    where subjects.edition_id = ${editionId}
    group by 1, 2 order by 1`.execute(db);
  return rows;
}

async function hoursOf({ db }: Pick<Context, 'db'>, editionId: number, from: Date) {
  const { rows } = await sql<{ hour: number; opened: number; clicked: number }>`
    with first as (
      select kind, greatest(0, floor(extract(epoch from min(first_at) - ${from}::timestamptz) / 3600))::integer as hour
      from engagement where edition_id = ${editionId} and source = 'person' group by subscriber_id, kind
    )
    select hour, (count(*) filter (where kind = 'open'))::integer as opened,
           (count(*) filter (where kind = 'click'))::integer as clicked
    from first where hour < ${sql.lit(mostHours)} group by hour order by hour`.execute(db);
  return rows;
}

/** An edition's report, as it was counted last. */
export async function keptReport(
  { db }: Pick<Context, 'db'>,
  editionId: number,
): Promise<{ report: EditionReport; countedAt: Date } | undefined> {
  const row = await db
    .selectFrom('edition_reports')
    .select(['report', 'counted_at'])
    .where('edition_id', '=', editionId)
    .executeTakeFirst();
  return row && { report: row.report as unknown as EditionReport, countedAt: row.counted_at };
}

/**
 * Which of some editions are to be counted again: never counted, or so long ago that readers may have done much since. Right
 * after sending that is each minute, after a day about each hour.
 */
export async function reportsDue(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  editionIds: number[],
): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select editions.id from editions
    left join edition_reports as reports on reports.edition_id = editions.id
    where editions.id = any(${editionIds}::bigint[])
      and (reports.counted_at is null or (editions.ledger_sums is null
        and reports.counted_at < ${clock.now()}::timestamptz
          - greatest(interval '1 minute', (reports.counted_at - coalesce(editions.sent_at, reports.counted_at)) / 20)))
    order by (reports.counted_at is null) desc, editions.scheduled_for desc`.execute(db);
  return rows.map(({ id }) => id);
}
