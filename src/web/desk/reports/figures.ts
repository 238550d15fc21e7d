import { sql } from 'kysely';
import type { Context } from '../../../context.ts';
import type { StoryFigures } from '../../../feedback/edition-report.ts';

/** What a newsletter's editions of a time came to together. Shares are of what was delivered where it was counted. */
export interface PeriodSums {
  editions: number;
  delivered: number;
  opened: number | null;
  clicked: number | null;
  unsubscribed: number | null;
  complaints: number;
}

/** A newsletter as the overview has it. */
export interface NewsletterSums {
  id: number;
  slug: string;
  name: string;
  now: PeriodSums;
  before: PeriodSums;
  /** The share of clicks of each edition, the oldest first; empty where they are not counted. */
  trend: number[];
}

const dayMs = 86_400_000;

interface SumsRow {
  id: number;
  slug: string;
  name: string;
  period: 'now' | 'before' | null;
  editions: number;
  delivered: number;
  opened: number | null;
  clicked: number | null;
  unsubscribed: number | null;
  complaints: number;
  trend: (number | null)[];
}

/**
 * What newsletters came to in the last days, and in as many days before, as far as it was counted.
 * @param newsletterIds those that may be seen; undefined: all
 */
export async function newsletterSums(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  newsletterIds: number[] | undefined,
  days: number,
): Promise<NewsletterSums[]> {
  const now = clock.now().getTime();
  const [since, earlier] = [new Date(now - days * dayMs), new Date(now - 2 * days * dayMs)];
  const { rows } = await sql<SumsRow>`
    select newsletters.id, slug, name, case when scheduled_for >= ${since}::timestamptz then 'now' when editions.id is not null then 'before' end as period,
           count(editions.id)::integer as editions, coalesce(sum(accepted), 0)::integer as delivered,
           sum(opened)::float8 / nullif(sum(accepted) filter (where opened is not null), 0) as opened,
           sum(clicked)::float8 / nullif(sum(accepted) filter (where clicked is not null), 0) as clicked,
           sum(unsubscribed)::float8 / nullif(sum(accepted), 0) as unsubscribed,
           coalesce(sum(complaints), 0)::integer as complaints,
           coalesce(array_agg(clicked::float8 / nullif(accepted, 0) order by scheduled_for)
             filter (where editions.id is not null), '{}') as trend
    from newsletters
    left join editions on editions.newsletter_id = newsletters.id and editions.state = 'sent'
      and scheduled_for >= ${earlier}::timestamptz
    left join edition_figures on edition_figures.edition_id = editions.id
    where ${newsletterIds ?? null}::bigint[] is null or newsletters.id = any(${newsletterIds ?? null}::bigint[])
    group by 1, 2, 3, 4 order by name, newsletters.id`.execute(db);
  const none: PeriodSums = {
    editions: 0,
    delivered: 0,
    opened: null,
    clicked: null,
    unsubscribed: null,
    complaints: 0,
  };
  return [...Map.groupBy(rows, ({ id }) => id).values()].map((own) => {
    const { id, slug, name } = own[0] as SumsRow;
    const current = own.find(({ period }) => period === 'now');
    return {
      id,
      slug,
      name,
      now: current ?? none,
      before: own.find(({ period }) => period === 'before') ?? none,
      trend: current?.trend.filter((share) => share !== null) ?? [],
    };
  });
}

/** A sent edition with what it came to. */
export interface SentEdition {
  id: number;
  subject: string;
  at: Date;
  /** Undefined: not counted yet. */
  figures:
    | {
        delivered: number;
        opened: number | null;
        clicked: number | null;
        unsubscribed: number;
        complaints: number;
        bounced: number;
      }
    | undefined;
}

/** A newsletter's sent editions since an instant, the newest first. @param before only those scheduled earlier */
export async function sentEditions(
  { db }: Pick<Context, 'db'>,
  newsletterId: number,
  { since, before, limit }: { since?: Date; before?: Date; limit: number },
): Promise<SentEdition[]> {
  let query = db
    .selectFrom('editions')
    .leftJoin('edition_figures as figures', 'figures.edition_id', 'editions.id')
    .select([
      'editions.id',
      'editions.subject',
      'editions.scheduled_for as at',
      'figures.counted_at',
      'figures.accepted',
      'figures.opened',
      'figures.clicked',
      'figures.unsubscribed',
      'figures.complaints',
      'figures.bounced',
    ])
    .where('newsletter_id', '=', newsletterId)
    .where('state', '=', 'sent')
    .orderBy('scheduled_for', 'desc')
    .limit(limit);
  if (since) query = query.where('scheduled_for', '>=', since);
  if (before) query = query.where('scheduled_for', '<', before);
  return (await query.execute()).map(({ id, subject, at, counted_at, accepted, ...figures }) => ({
    id,
    subject,
    at,
    figures: counted_at
      ? {
          delivered: accepted ?? 0,
          opened: figures.opened,
          clicked: figures.clicked,
          unsubscribed: figures.unsubscribed ?? 0,
          complaints: figures.complaints ?? 0,
          bounced: figures.bounced ?? 0,
        }
      : undefined,
  }));
}

/** What stories of a kind came to together. */
export interface StorySums {
  name: string;
  stories: number;
  shown: number;
  clicks: number;
}

/** What of a story counts as clicks: persons, or, where they are not told apart, how often it was followed. */
export const clicksOf = ({ readers, clicks, shown }: Pick<StoryFigures, 'readers' | 'clicks' | 'shown'>) =>
  readers !== null && readers > 0 ? readers : Math.min(clicks, shown ?? clicks);

/** Adds up stories by what they have in common, those that were clicked most first. */
export function summedBy<Story extends StoryFigures>(
  stories: Story[],
  namesOf: (story: Story) => string[],
): StorySums[] {
  const sums = new Map<string, StorySums>();
  for (const story of stories)
    for (const name of new Set(namesOf(story))) {
      const known = sums.get(name) ?? { name, stories: 0, shown: 0, clicks: 0 };
      sums.set(name, {
        name,
        stories: known.stories + 1,
        shown: known.shown + (story.shown ?? 0),
        clicks: known.clicks + clicksOf(story),
      });
    }
  return [...sums.values()].sort(
    (a, b) => b.clicks - a.clicks || b.shown - a.shown || (a.name < b.name ? -1 : 1),
  );
}

/** The stories of editions whose reports have been counted. */
export async function countedStories(
  { db }: Pick<Context, 'db'>,
  editionIds: number[],
): Promise<(StoryFigures & { editionId: number })[]> {
  const { rows } = await sql<StoryFigures & { editionId: number }>`
    select edition_id as "editionId", story.*
    from edition_reports, jsonb_to_recordset(report -> 'stories') as story (
      position integer, slot text, title text, publisher text, topics jsonb, shown integer, readers integer,
      clicks integer, "relatedClicks" integer)
    where edition_id = any(${editionIds}::bigint[])`.execute(db);
  return rows;
}

/** What went to recipients' domains in several editions together. */
export interface DomainSums {
  domain: string;
  sent: number;
  delivered: number;
  failed: number;
  opened: number | null;
  clicked: number | null;
  complaints: number;
}

/** What went to the thirty largest domains in editions whose reports have been counted; last and without a name the rest of each. */
export async function countedDomains(
  { db }: Pick<Context, 'db'>,
  editionIds: number[],
): Promise<DomainSums[]> {
  const { rows } = await sql<DomainSums>`
    select domain, sum(sent)::integer as sent, sum(delivered)::integer as delivered, sum(failed)::integer as failed,
           sum(opened)::integer as opened, sum(clicked)::integer as clicked, sum(complaints)::integer as complaints
    from edition_reports, jsonb_to_recordset(report -> 'domains') as each (
      domain text, sent integer, delivered integer, failed integer, opened integer, clicked integer,
      complaints integer)
    where edition_id = any(${editionIds}::bigint[])
    group by domain order by (domain = ''), 2 desc limit 30`.execute(db);
  return rows;
}

/** The middle of some numbers; null of none. */
export function median(values: number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1
    ? (sorted[Math.floor(middle)] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
